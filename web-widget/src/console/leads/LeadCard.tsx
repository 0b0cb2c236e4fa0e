/** A lead on the board: who, what party, how promising and why, for how long it has waited, and whose it is. */
import type { PointerEvent } from 'react'
import { MailIcon, PhoneIcon } from '../../design/icons'
import { Icon } from '../Icon'
import { ago } from '../when'
import { type Card, failedOf, nameOf, partyOf, plain, TEMPERATURE, whyOf } from './leads'

interface Props {
  card: Card
  now: number
  chosen: boolean
  /** It is on its way elsewhere. */
  away: boolean
  onOpen(): void
  onPress(e: PointerEvent<HTMLElement>): void
}

export function LeadCard({ card, now, chosen, away, onOpen, onPress }: Props) {
  return (
    <button
      type="button"
      className={`lead-card ${card.temperature} ${away ? 'away' : ''}`}
      aria-current={chosen ? 'true' : undefined}
      data-lead={card.id}
      onClick={onOpen}
      onPointerDown={onPress}
      title={`${card.score} points: ${whyOf(card)}`}
    >
      <CardInside card={card} now={now} />
    </button>
  )
}

export function CardInside({ card, now }: { card: Card; now: number }) {
  const party = partyOf(card)
  const failed = failedOf(card)
  const late = card.status === 'new' && card.alerted_at !== undefined
  return (
    <>
      <span className="lead-top">
        <strong className="lead-name">{nameOf(card)}</strong>
        <span className={`lead-score ${card.temperature}`}>
          {TEMPERATURE[card.temperature]} {card.score}
        </span>
      </span>
      {party && <span className="lead-party">{party}</span>}
      {failed && <span className="lead-failed">{failed}</span>}
      <span className="lead-why">{whyOf(card)}</span>
      <span className="lead-foot">
        <span className={late ? 'lead-late' : ''}>
          {late ? 'Nobody came, ' : ''}
          <time dateTime={card.since}>{ago(card.since, now)}</time>
        </span>
        <span>{plain(card.source)}</span>
        {card.reached_by.map(way => (
          <span key={way} className="lead-way">
            <Icon of={way === 'phone' ? PhoneIcon : MailIcon} size={14} />
            <span className="unseen">{way === 'phone' ? 'a phone number is known' : 'an e-mail address is known'}</span>
          </span>
        ))}
        <span className="lead-whose">{card.assignee_name ?? ''}</span>
      </span>
    </>
  )
}
