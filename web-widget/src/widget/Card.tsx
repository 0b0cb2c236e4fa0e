/** A quote, a hold or the like: what it is, its lines, its total, and one thing to do. */
import type { CardView } from '../protocol/cards'
import { useShared } from './hooks'

export function Card({ card }: { card: CardView }) {
  const { client } = useShared()
  const { action } = card
  return (
    <section class="card" aria-label={card.title}>
      <p class="card-head">
        <strong>{card.title}</strong>
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
      {card.total && <p class="card-total">{card.total}</p>}
      {action && 'href' in action && (
        <a class="card-action" href={action.href} target="_blank" rel="noopener noreferrer nofollow">
          {action.label}
        </a>
      )}
      {action && 'say' in action && (
        <button type="button" class="card-action" onClick={() => client.say(action.say)}>
          {action.label}
        </button>
      )}
    </section>
  )
}
