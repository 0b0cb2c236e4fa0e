import { Dialog } from './Dialog'
import { ACTIONS } from './keys'

const MORE = [
  ['j', 'Next conversation, or page of the settings'],
  ['k', 'The one before'],
  ['/', 'Search; in the reply: saved replies'],
  [',', 'Settings'],
  ['q', 'Ask the assistant'],
  ['← →', 'In the calendar: the one before, the next; n and p as well'],
  ['m', 'On a lead: move it to another column; arrows go from one to the next'],
  ['d w m', 'In the calendar: day, week, month; t is today'],
  ['1 0 2', 'In a pair of shadows: the left answer is better, both equal, the right one; u takes it back'],
  ['Ctrl K', 'Everything by name'],
  ['?', 'These keys'],
] as const

/** The keys, by what they do. */
export function Help({ onClose }: { onClose(): void }) {
  const all = [...ACTIONS.map(a => [a.key, a.label] as const), ...MORE]
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">
        {all.map(([key, label]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
      <p className="soft small">They rest while you write.</p>
      <form method="dialog" className="actions">
        <button type="submit" className="button">
          Close
        </button>
      </form>
    </Dialog>
  )
}
