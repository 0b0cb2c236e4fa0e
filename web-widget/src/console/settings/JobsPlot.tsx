/** A day in 24 bars, one plot for each thing that is counted; the same figures stand in a table for whoever cannot see them. */
import { time } from '../when'
import { bars, type Hour, lasted } from './jobs'

const WIDTH = 480
const HEIGHT = 72

interface Series {
  title: string
  of(hour: Hour): number
  say(value: number): string
}

const SERIES: readonly Series[] = [
  { title: 'Done in an hour', of: hour => hour.done, say: value => `${value}` },
  { title: 'Longest wait past its time', of: hour => hour.longest_seconds, say: lasted },
]

export function JobsPlot({ hours }: { hours: readonly Hour[] }) {
  return (
    <div className="job-plots">
      {SERIES.map(series => (
        <Plot key={series.title} series={series} hours={hours} />
      ))}
      <details className="job-figures">
        <summary>The figures</summary>
        <table className="job-table">
          <thead>
            <tr>
              <th scope="col">Hour</th>
              <th scope="col">Done</th>
              <th scope="col">Tried again</th>
              <th scope="col">Mean wait</th>
              <th scope="col">Longest wait</th>
            </tr>
          </thead>
          <tbody>
            {hours
              .filter(hour => hour.done > 0)
              .map(hour => (
                <tr key={hour.at}>
                  <th scope="row">{time(hour.at)}</th>
                  <td>{hour.done}</td>
                  <td>{hour.retries}</td>
                  <td>{lasted(hour.mean_seconds)}</td>
                  <td>{lasted(hour.longest_seconds)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </div>
  )
}

function Plot({ series, hours }: { series: Series; hours: readonly Hour[] }) {
  const values = hours.map(series.of)
  const most = Math.max(0, ...values)
  const first = hours[0]
  return (
    <figure className="job-plot">
      <figcaption>
        <span>{series.title}</span>
        <span className="soft small">at most {series.say(most)}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${series.title}: at most ${series.say(most)}`}
      >
        <line x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className="job-axis" />
        {bars(values, WIDTH, HEIGHT).map((bar, at) => (
          <rect key={hours[at]?.at} {...bar} className="job-bar" />
        ))}
      </svg>
      <div className="job-hours soft small" aria-hidden="true">
        <span>{first && time(first.at)}</span>
        <span>now</span>
      </div>
    </figure>
  )
}
