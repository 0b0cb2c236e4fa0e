/** A line over everything while somebody waits too long: it grows graver with each step, and never moves. */
import { Alert } from '../design/icons'
import type { Late } from '../protocol/loudness'
import { useDesk } from './hooks'
import { Icon } from './Icon'
import { due } from './when'
import { KINDS } from './words'

interface Props {
  late: Late
  now: number
  onOpen(): void
}

const CALLED = ['', '', ': more people were called', ': the call has gone higher again']

export function Overdue({ late, now, onOpen }: Props) {
  const first = late.handoffs[0]
  const customer = useDesk(d => (first && d.rows[first.conversation]?.customer) || 'Visitor')
  if (!first) return null
  const more = late.handoffs.length - 1
  return (
    <p className={`overdue-line loud-${late.loudness}`} role="status">
      <Icon of={Alert} size={16} />
      <span>
        <strong>
          {KINDS[first.kind].word}, {customer}
        </strong>{' '}
        is {due(first.due_at, now).text} and nobody has claimed it{CALLED[late.loudness]}
        {more > 0 && `, and ${more} more`}.
      </span>
      <button type="button" className="link" onClick={onOpen}>
        Open handoffs
      </button>
    </p>
  )
}
