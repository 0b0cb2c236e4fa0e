/** A quote, a hold or the like: what it is, how it stands, its lines, its total, and one thing to do while it may be done. */
import type { CardView } from '../protocol/cards'
import { currentReply } from '../protocol/thread'
import { isOver, standing } from './cards'
import { useShared } from './hooks'

export function Card({ card }: { card: CardView }) {
  const { client, state, t } = useShared()
  const over = isOver(card)
  const stands = standing(card, t)
  const action = over ? null : card.action
  // What was pressed is on its way, or is being answered: pressed twice it would be said twice.
  const busy = state.outbox.length > 0 || currentReply(state.thread) !== null
  return (
    <article class={over ? 'card over' : 'card'} aria-label={card.title}>
      <p class="card-head">
        <strong>{card.title}</strong>
        {stands && <span class="card-state">{stands}</span>}
      </p>
      {card.lines.length > 0 && (
        <dl>
          {card.lines.map((line, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a later version replaces the whole card
            <div key={i}>
              <dt>{line.label}</dt>
              <dd>{line.value}</dd>
            </div>
          ))}
        </dl>
      )}
      {card.total && (
        <p class="card-total">
          <span class="unseen">{t.total}</span> {card.total}
        </p>
      )}
      {action && 'href' in action && (
        <a class="card-action" href={action.href} target="_blank" rel="noopener noreferrer nofollow">
          {action.label}
        </a>
      )}
      {action && 'say' in action && (
        <button type="button" class="card-action" aria-disabled={busy} onClick={() => busy || client.say(action.say)}>
          {action.label}
        </button>
      )}
    </article>
  )
}
