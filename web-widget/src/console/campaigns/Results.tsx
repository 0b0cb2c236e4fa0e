/** What came of a campaign: figures at a glance, and over time with a table behind each plot. */
import { dollars as money } from '../complaints/complaints'
import { FigureTable } from '../settings/FigureTable'
import { dollars } from '../settings/figures'
import type { Results } from './campaigns'
import { busy, CAME, type Count, grouped, highest, moment, ROOM, WENT, whole } from './series'
import { OUTCOME, share } from './words'

const SIZE = { width: 640, height: 96 }
/** As the business has it, of those who got it. */
const TOO_MANY = 0.01

export function Tiles({ of: { tally, opt_out_share } }: { of: Results }) {
  const tiles: readonly [string, string, string][] = [
    ['Sent', tally.sent.toLocaleString('en-US'), `of ${tally.recipients.toLocaleString('en-US')}`],
    ['Delivered', share(tally.delivered, tally.sent), `${tally.delivered}, ${tally.failed} failed`],
    ['Replied', share(tally.replied, tally.sent), `${tally.replied}, ${tally.reminded} reminded`],
    ['Booked', share(tally.booked, tally.sent), `${tally.booked} in 30 days`],
    [
      'Opted out',
      share(tally.opted_out, tally.sent),
      opt_out_share > TOO_MANY ? 'more than 1\u00a0%' : 'pauses above 1\u00a0%',
    ],
    ['Revenue', money(tally.revenue_cents), 'of bookings'],
    ['Cost', dollars(tally.cost_microdollars), `${tally.segments.toLocaleString('en-US')} segments`],
  ]
  return (
    <ul className="tiles" aria-label="At a glance">
      {tiles.map(([name, value, more]) => (
        <li key={name} className={`tile ${name === 'Opted out' && opt_out_share > TOO_MANY ? 'bad' : ''}`}>
          <span className="small soft">{name}</span>
          <strong>{value}</strong>
          <span className="small soft">{more}</span>
        </li>
      ))}
    </ul>
  )
}

export function Came({ of }: { of: Results }) {
  const points = whole(of)
  if (points.length === 0)
    return <p className="soft">Nothing has gone out yet. What happens appears here by the hour.</p>
  return (
    <div className="campaign-plots">
      <Bars title="Went out" counts={WENT} points={points} unit={of.unit} />
      <Bars title="Came back" counts={CAME} points={points} unit={of.unit} />
      <Figures points={points} unit={of.unit} />
    </div>
  )
}

interface BarsProps {
  title: string
  counts: readonly Count[]
  points: ReturnType<typeof whole>
  unit: Results['unit']
}

function Bars({ title, counts, points, unit }: BarsProps) {
  const most = highest(points, counts)
  const [first, last] = [points[0], points.at(-1)]
  return (
    <figure className="campaign-plot">
      <figcaption>
        <strong className="small">{title}</strong>
        <ul className="legend small">
          {counts.map(name => (
            <li key={name}>
              <span className={name}>{OUTCOME[name]}</span>
            </li>
          ))}
        </ul>
        <span className="soft small">
          at most {most} in {unit === 'hour' ? 'an hour' : 'a day'}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: at most ${most} in ${unit === 'hour' ? 'an hour' : 'a day'}; the table has the numbers`}
      >
        <line x1="0" x2={SIZE.width} y1={SIZE.height} y2={SIZE.height} className="cost-axis" />
        {points.map((point, n) => (
          <g key={point.at}>
            {grouped(point, n, points.length, counts, most, SIZE).map(
              (bar, at) => bar && <rect key={counts[at]} {...bar} className={`plot-${counts[at]}`} />,
            )}
          </g>
        ))}
      </svg>
      <div className="cost-days soft small" aria-hidden="true">
        <span>
          {first && moment(first.at, unit)}
          {last && last !== first && points.length < ROOM && ` to ${moment(last.at, unit)}`}
        </span>
        <span>{last && points.length >= ROOM && moment(last.at, unit)}</span>
      </div>
    </figure>
  )
}

const ALL = [...WENT, ...CAME]

function Figures({ points, unit }: Pick<BarsProps, 'points' | 'unit'>) {
  return (
    <details className="as-table">
      <summary>The figures as a table</summary>
      <FigureTable label={`By ${unit}`} columns={[unit === 'hour' ? 'Hour' : 'Day', ...ALL.map(name => OUTCOME[name])]}>
        {busy(points, ALL).map(point => (
          <tr key={point.at}>
            <th scope="row">{moment(point.at, unit)}</th>
            {ALL.map(name => (
              <td key={name}>{point[name] || ''}</td>
            ))}
          </tr>
        ))}
      </FigureTable>
    </details>
  )
}
