/** A quote, a hold or the like: one line that unfolds to what the customer sees; its button is the customer's to press. */
import { createContext, useContext, useState } from 'react'
import { Onward } from '../design/icons'
import type { CardView } from '../protocol/cards'
import { Icon } from './Icon'
import { time } from './when'

/** The cards that are unfolded, by their names: one that was out of sight comes back as it was left. */
export const UnfoldedContext = createContext<Set<string>>(new Set())

export function Card({ card }: { card: CardView }) {
  const unfolded = useContext(UnfoldedContext)
  const [open, setOpen] = useState(unfolded.has(card.id))
  const turn = () => {
    if (open) unfolded.delete(card.id)
    else unfolded.add(card.id)
    setOpen(!open)
  }
  return (
    <section className="said right first" aria-label={card.title}>
      <div className={`offer ${card.type} ${card.state}`}>
        <button type="button" className="offer-head" aria-expanded={open} onClick={turn}>
          <Icon of={Onward} size={16} />
          <strong>{card.title}</strong>
          {card.state && card.state !== 'open' && <span className="chip">{card.state.replaceAll('_', ' ')}</span>}
          <span className="offer-sum">{open ? '' : card.total || card.lines[0]?.value}</span>
        </button>
        {open && <Inside card={card} />}
      </div>
    </section>
  )
}

function Inside({ card }: { card: CardView }) {
  return (
    <div className="offer-inside">
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
        <p className="offer-total">
          <span>Total</span> {card.total}
        </p>
      )}
      {card.action && <p className="soft small">Button for the customer: {card.action.label}</p>}
    </div>
  )
}

/** Where an earlier version of a card stood. */
export function Replaced({ card, at }: { card: CardView; at: string }) {
  return (
    <p className="system replaced">
      {[card.title, card.total].filter(Boolean).join(' ')}, updated below <time dateTime={at}>{time(at)}</time>
    </p>
  )
}
