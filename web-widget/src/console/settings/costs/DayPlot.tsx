/** What models cost day by day: a bar for each day, a piece of it for each model; the same figures stand in a table. */
import { FigureTable } from '../FigureTable'
import { dollars } from '../figures'
import { bars, type Costs, shortDay, stacks, sum } from './costs'

const WIDTH = 720
const HEIGHT = 140

export function DayPlot({ costs }: { costs: Costs }) {
  const { names, days } = stacks(costs)
  const most = Math.max(0, ...days.map(one => sum(one.values)))
  const [first, last] = [days[0], days.at(-1)]
  return (
    <figure className="cost-plot">
      <figcaption>
        <ul className="cost-legend small">
          {names.map((name, n) => (
            <li key={name}>
              <span className={`cost-dot look-${n}`} aria-hidden="true" /> {name}
            </li>
          ))}
        </ul>
        <span className="soft small">at most {dollars(most)} in a day</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Cost by day: at most ${dollars(most)}; the table has the numbers`}
      >
        <line x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className="cost-axis" />
        {days.map(({ day, values }, n) => (
          <g key={day}>
            <title>
              {[shortDay(day), ...values.flatMap((v, at) => (v ? [`${names[at]} ${dollars(v)}`] : []))].join(', ')}
            </title>
            {bars(values, n, days.length, most, WIDTH, HEIGHT).map(
              (bar, at) => bar && <rect key={names[at]} {...bar} className={`cost-bar look-${at}`} />,
            )}
          </g>
        ))}
      </svg>
      <div className="cost-days soft small" aria-hidden="true">
        <span>{first && shortDay(first.day)}</span>
        <span>{last && shortDay(last.day)}</span>
      </div>
      <details className="cost-figures">
        <summary>The figures</summary>
        <Figures names={names} days={days.filter(one => sum(one.values) > 0)} />
      </details>
    </figure>
  )
}

function Figures({ names, days }: ReturnType<typeof stacks>) {
  return (
    <FigureTable label="Cost by day and model" columns={['Day', ...names, 'Together']}>
      {days.map(({ day, values }) => (
        <tr key={day}>
          <th scope="row">{shortDay(day)}</th>
          {values.map((value, n) => (
            <td key={names[n]}>{value ? dollars(value) : ''}</td>
          ))}
          <td>{dollars(sum(values))}</td>
        </tr>
      ))}
    </FigureTable>
  )
}
