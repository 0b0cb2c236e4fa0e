/** How the money stands: by week and way of paying, and what each account holds. */
import { Done } from '../../design/icons'
import { dollars, top, weekOf } from '../complaints/complaints'
import { Icon } from '../Icon'
import { Block } from '../settings/frame'
import { accountOf, METHOD, METHODS, type Money, meaningOf, sumOf, type Week, weeksOf } from './payments'

export function Accounts({ of }: { of: Money }) {
  const weeks = weeksOf(of.weeks, new Date())
  return (
    <div className="patterns">
      <Block title="What came in, by week">
        <Bars weeks={weeks} />
        <details className="as-table">
          <summary>As a table</summary>
          <table>
            <thead>
              <tr>
                <th scope="col">Week of</th>
                {METHODS.map(method => (
                  <th key={method} scope="col">
                    {METHOD[method]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {weeks.map(week => (
                <tr key={week.monday}>
                  <th scope="row">{weekOf(week.monday)}</th>
                  {METHODS.map(method => (
                    <td key={method}>{dollars(week.cents[method])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      </Block>
      <Block title="Accounts" words="Every event is posted twice, once on each side, so that they add up to nothing.">
        {of.right ? (
          <p className="saved">
            <Icon of={Done} size={16} /> The books balance
          </p>
        ) : (
          <p className="fault" role="alert">
            The books do not balance. Run “hibachi ledger check” to see which booking disagrees.
          </p>
        )}
        {of.accounts.length === 0 ? (
          <p className="soft">Nothing was posted yet.</p>
        ) : (
          <dl className="accounts">
            {of.accounts.map(({ account, cents }) => (
              <div key={account}>
                <dt>
                  {accountOf(account)} <span className="soft small">{meaningOf(account, cents)}</span>
                </dt>
                <dd>{dollars(Math.abs(cents))}</dd>
              </div>
            ))}
          </dl>
        )}
        {!of.cards && <p className="soft small">Cards are not offered: no key of a card provider is configured.</p>}
      </Block>
    </div>
  )
}

const WIDTH = 640
const HEIGHT = 200
const LEFT = 56
const BOTTOM = 24
const TOP = 8
const PLOT = HEIGHT - BOTTOM - TOP

/** Stacked from the bottom up; the table beside it has the numbers. */
function Bars({ weeks }: { weeks: readonly Week[] }) {
  const most = top(Math.max(...weeks.map(sumOf)) / 100)
  const down = (cents: number) => TOP + PLOT * (1 - cents / 100 / most)
  const each = (WIDTH - LEFT) / weeks.length
  const step = Math.ceil(weeks.length / 6)
  return (
    <figure className="plot">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label="Money by week and way of paying; the table has the numbers"
      >
        {[0, most / 2, most].map(value => (
          <g key={value}>
            <line className="grid-line" x1={LEFT} x2={WIDTH} y1={down(value * 100)} y2={down(value * 100)} />
            <text className="tick" x={LEFT - 6} y={down(value * 100) + 4} textAnchor="end">
              {dollars(value * 100)}
            </text>
          </g>
        ))}
        {weeks.map((week, n) => {
          let under = 0
          const x = LEFT + n * each + Math.max(each * 0.15, (each - 48) / 2)
          return (
            <g key={week.monday}>
              {METHODS.map(method => {
                const from = under
                under += week.cents[method]
                const y = down(under)
                return (
                  week.cents[method] > 0 && (
                    <rect
                      key={method}
                      className={method}
                      x={x}
                      width={Math.min(each * 0.7, 48)}
                      y={y}
                      height={down(from) - y}
                    />
                  )
                )
              })}
              {n % step === 0 && (
                <text className="tick" x={LEFT + (n + 0.5) * each} y={HEIGHT - 6} textAnchor="middle">
                  {weekOf(week.monday)}
                </text>
              )}
            </g>
          )
        })}
      </svg>
      <figcaption className="legend small">
        {METHODS.map(method => (
          <span key={method} className={method}>
            {METHOD[method]}
          </span>
        ))}
      </figcaption>
    </figure>
  )
}
