/** Figures day by day as lines in plain SVG; a day without any is a gap, and each plot has its numbers as a table. */
import { FigureTable } from '../FigureTable'
import { NOTHING } from '../figures'
import { shortDay } from './shadows'

const WIDTH = 480
const HEIGHT = 96

export interface Series {
  name: string
  /** How the line is drawn: its colour and its dashes (shadows.css). */
  look: 'candidate' | 'candidate-far' | 'primary' | 'primary-far' | 'all' | 'amounts' | 'dates' | 'tools' | 'handoff'
  values: readonly (number | undefined)[]
}

interface PlotProps {
  title: string
  days: readonly string[]
  series: readonly Series[]
  say(value: number): string
  /** The top of the plot where that is always the same. */
  most?: number
}

export function Plot({ title, days, series, say, most }: PlotProps) {
  const highest = most ?? Math.max(0, ...series.flatMap(one => one.values.filter(value => value !== undefined)))
  const first = days[0]
  const last = days.at(-1)
  return (
    <figure className="shadow-plot">
      <figcaption>
        <span>{title}</span>
        <span className="soft small">
          {most === undefined ? 'at most ' : 'up to '}
          {say(highest)}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}, by day; the table has the numbers`}
      >
        <line x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className="shadow-axis" />
        <line x1="0" x2={WIDTH} y1="0" y2="0" className="shadow-axis" />
        {series.map(one => (
          <g key={one.name} className={`shadow-series look-${one.look}`}>
            <path d={line(one.values, highest)} />
            <path className="shadow-dots" d={dots(one.values, highest)} />
          </g>
        ))}
      </svg>
      <div className="shadow-days soft small" aria-hidden="true">
        <span>{first && shortDay(first)}</span>
        <span>{last && shortDay(last)}</span>
      </div>
      <ul className="shadow-legend small">
        {series.map(one => (
          <li key={one.name}>
            <svg
              width="28"
              height="8"
              viewBox="0 0 28 8"
              aria-hidden="true"
              className={`shadow-series look-${one.look}`}
            >
              <path d="M1 4 H27" />
            </svg>
            {one.name}
          </li>
        ))}
      </ul>
      <Numbers title={title} days={days} series={series} say={say} />
    </figure>
  )
}

function Numbers({ title, days, series, say }: PlotProps) {
  const told = days.flatMap((day, n) => {
    const cells = series.map(one => one.values[n])
    return cells.some(cell => cell !== undefined) ? [{ day, cells }] : []
  })
  return (
    <details className="shadow-numbers">
      <summary>
        As a table<span className="unseen">: {title}</span>
      </summary>
      <FigureTable label={`Table: ${title}`} columns={['Day', ...series.map(one => one.name)]}>
        {told.map(({ day, cells }) => (
          <tr key={day}>
            <th scope="row">{shortDay(day)}</th>
            {cells.map((cell, n) => (
              <td key={series[n]?.name}>{cell === undefined ? NOTHING : say(cell)}</td>
            ))}
          </tr>
        ))}
      </FigureTable>
    </details>
  )
}

type Values = readonly (number | undefined)[]

const across = (n: number, count: number) => ((n + 0.5) / count) * WIDTH
const down = (value: number, highest: number) => (highest === 0 ? HEIGHT : HEIGHT * (1 - value / highest))

/** The way of a pen through the days that have a value; it is lifted where one has none. */
export function line(values: Values, highest: number): string {
  const steps = values.map((value, n) => {
    if (value === undefined) return ''
    const verb = values[n - 1] === undefined ? 'M' : 'L'
    return `${verb}${round(across(n, values.length))} ${round(down(value, highest))}`
  })
  return steps.filter(Boolean).join(' ')
}

/** A point for each value: one without neighbours has no line. */
function dots(values: Values, highest: number): string {
  const points = values.map((value, n) =>
    value === undefined ? '' : `M${round(across(n, values.length))} ${round(down(value, highest))}h0.01`,
  )
  return points.filter(Boolean).join(' ')
}

const round = (value: number) => Math.round(value * 10) / 10
