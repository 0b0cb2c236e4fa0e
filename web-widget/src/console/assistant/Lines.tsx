/** What was found and what waits, as lines that lead to their places. */
import { Close } from '../../design/icons'
import { Icon } from '../Icon'
import { type Alerts, type Found, TITLES, within } from './asking'

interface LinesProps {
  rows: readonly (Found & { key?: string })[]
  onFollow(): void
  /** Each may be dismissed. */
  onDismiss?: (key: string) => void
}

export function Lines({ rows, onFollow, onDismiss }: LinesProps) {
  if (rows.length === 0) return null
  return (
    <ul className="found">
      {rows.map(row => {
        const link = within(row.link)
        const key = row.key
        const inside = (
          <>
            <span className="found-title">{row.title}</span>
            <span className="soft small">{row.detail}</span>
          </>
        )
        return (
          <li key={key ?? `${row.link} ${row.title} ${row.detail}`}>
            {link ? (
              <a href={link} onClick={onFollow}>
                {inside}
              </a>
            ) : (
              <p>{inside}</p>
            )}
            {onDismiss && key && (
              <button
                type="button"
                className="button quiet dismiss"
                aria-label={`Dismiss: ${row.title}`}
                title="Tell me of this no more"
                onClick={() => onDismiss(key)}
              >
                <Icon of={Close} size={16} />
              </button>
            )}
          </li>
        )
      })}
    </ul>
  )
}

interface WaitsProps {
  waits: Alerts | null
  onFollow(): void
  onDismiss(key: string): void
}

export function Waits({ waits, onFollow, onDismiss }: WaitsProps) {
  if (!waits) return null
  if (waits.items.length === 0)
    return <p className="soft">Nothing waits: deposits, leads and handoffs are looked after.</p>
  return TITLES.filter(({ count }) => count(waits) > 0).map(({ kind, title, count }) => (
    <section key={kind} className="waits" aria-labelledby={`waits-${kind}`}>
      <h3 id={`waits-${kind}`}>
        {title} <span className="tally">{count(waits)}</span>
      </h3>
      <Lines rows={waits.items.filter(item => item.kind === kind)} onFollow={onFollow} onDismiss={onDismiss} />
    </section>
  ))
}
