/** A quote, a hold or the like, as the customer sees it; its button is the customer's to press. */
import type { CardView } from '../protocol/cards'

export function Card({ card }: { card: CardView }) {
  return (
    <section className="said right first" aria-label={card.title}>
      <div className="bubble ai offer">
        <p className="offer-head">
          <strong>{card.title}</strong>
          {card.state && <span className="chip">{card.state.replaceAll('_', ' ')}</span>}
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
        {card.total && <p className="offer-total">{card.total}</p>}
        {card.action && <p className="soft small">Button for the customer: {card.action.label}</p>}
      </div>
    </section>
  )
}
