/** First tokens over a day: the middle call and the slow one, as two lines; the same figures in a table for whoever cannot see them. */
import { time } from '../../when'
import { took } from '../figures'
import { line, type ModelHour, slots } from './health'

const WIDTH = 288
const HEIGHT = 56

interface Props {
  model: string
  hours: readonly ModelHour[]
  at: string
}

export function FirstTokenPlot({ model, hours, at }: Props) {
  const day = slots(hours, at)
  const [p50, p95] = [day.map(hour => hour?.first_token_ms.p50), day.map(hour => hour?.first_token_ms.p95)]
  const most = Math.max(0, ...p95.map(value => value ?? 0))
  return (
    <figure className="first-tokens">
      <figcaption className="small">
        <span>First token over 24 hours</span>
        <span className="soft">at most {took(most)}</span>
      </figcaption>
      <svg
        viewBox={`0 -2 ${WIDTH} ${HEIGHT + 3}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`First token of ${model} over 24 hours, at most ${took(most)}`}
      >
        <line x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className="axis" />
        <path d={line(p95, most, WIDTH, HEIGHT)} className="p95" />
        <path d={line(p50, most, WIDTH, HEIGHT)} className="p50" />
      </svg>
      <div className="small first-tokens-key" aria-hidden="true">
        <span className="p50">middle call</span>
        <span className="p95">slowest in twenty</span>
      </div>
      <details className="small">
        <summary>
          The figures<span className="unseen"> of {model}</span>
        </summary>
        <table className="job-table">
          <thead>
            <tr>
              <th scope="col">Hour</th>
              <th scope="col">Calls</th>
              <th scope="col">Middle</th>
              <th scope="col">p95</th>
            </tr>
          </thead>
          <tbody>
            {hours.map(hour => (
              <tr key={hour.at}>
                <th scope="row">{time(hour.at)}</th>
                <td>{hour.calls}</td>
                <td>{took(hour.first_token_ms.p50)}</td>
                <td>{took(hour.first_token_ms.p95)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}
