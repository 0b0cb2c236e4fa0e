/** Two plots of weeks in plain SVG: what is stacked, and what rises and falls. Their numbers stand in a table beside them. */
import { top, type Week, weekOf } from './complaints'

const WIDTH = 640
const HEIGHT = 200
const LEFT = 32
const BOTTOM = 36
const TOP = 8
const PLOT = HEIGHT - BOTTOM - TOP
/** From the bottom up. */
const STACK = ['severe', 'moderate', 'minor'] as const

const down = (value: number, most: number) => TOP + PLOT * (1 - value / most)
const wide = (weeks: readonly Week[]) => (WIDTH - LEFT) / weeks.length

export function Stacked({ weeks }: { weeks: readonly Week[] }) {
  const most = top(Math.max(...weeks.map(week => week.minor + week.moderate + week.severe)))
  const each = wide(weeks)
  return (
    <figure className="plot">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label="Complaints by week and severity; the table has the numbers"
      >
        <Scale most={most} />
        {weeks.map((week, n) => {
          let under = 0
          return STACK.map(severity => {
            const from = under
            under += week[severity]
            const y = down(under, most)
            return (
              week[severity] > 0 && (
                <rect
                  key={`${week.monday}${severity}`}
                  className={severity}
                  x={LEFT + n * each + each * 0.15}
                  width={each * 0.7}
                  y={y}
                  height={down(from, most) - y}
                />
              )
            )
          })
        })}
        <Weeks weeks={weeks} />
      </svg>
      <figcaption className="legend small">
        <span className="severe">Severe</span>
        <span className="moderate">Moderate</span>
        <span className="minor">Minor</span>
      </figcaption>
    </figure>
  )
}

interface TrendProps {
  weeks: readonly Week[]
  value(week: Week): number | undefined
  label: string
}

/** Weeks without a value are gaps, not zeroes. */
export function Trend({ weeks, value, label }: TrendProps) {
  const each = wide(weeks)
  const points = weeks.flatMap((week, n) => {
    const found = value(week)
    return found === undefined ? [] : [{ n, found, x: LEFT + (n + 0.5) * each }]
  })
  if (points.length === 0) return <p className="soft">Nothing to measure yet.</p>
  const most = top(Math.max(...points.map(point => point.found)))
  const path = points
    .map((point, k) => `${k > 0 && points[k - 1]?.n === point.n - 1 ? 'L' : 'M'}${point.x} ${down(point.found, most)}`)
    .join(' ')
  return (
    <figure className="plot">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${label}, by week; the table has the numbers`}>
        <Scale most={most} />
        <path className="trend" d={path} />
        {points.map(point => (
          <circle key={point.n} className="trend-point" cx={point.x} cy={down(point.found, most)} r={4} />
        ))}
        <Weeks weeks={weeks} />
      </svg>
      <figcaption className="small soft">{label}</figcaption>
    </figure>
  )
}

function Scale({ most }: { most: number }) {
  return [0, most / 2, most].map(value => (
    <g key={value}>
      <line className="grid-line" x1={LEFT} x2={WIDTH} y1={down(value, most)} y2={down(value, most)} />
      <text className="tick" x={LEFT - 6} y={down(value, most) + 4} textAnchor="end">
        {value}
      </text>
    </g>
  ))
}

/** As many names as have room. */
function Weeks({ weeks }: { weeks: readonly Week[] }) {
  const step = Math.ceil(weeks.length / 6)
  const each = wide(weeks)
  return weeks.map(
    (week, n) =>
      n % step === 0 && (
        <text key={week.monday} className="tick" x={LEFT + (n + 0.5) * each} y={HEIGHT - 6} textAnchor="middle">
          {weekOf(week.monday)}
        </text>
      ),
  )
}
