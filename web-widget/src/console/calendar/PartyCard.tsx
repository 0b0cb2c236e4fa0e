/** A party in its cell: when, who, how many, and how it stands, in words and in colour. */
import { clock } from './dates'
import { movable, nameOf, type Party, STATES } from './parties'

interface Props {
  party: Party
  /** Who cooks, where the column does not say it. */
  chef: string | null
  /** There is room for more. */
  day: boolean
  chosen: boolean
  onOpen(): void
  onDrag(data: DataTransfer): void
}

export function PartyCard({ party, chef, day, chosen, onOpen, onDrag }: Props) {
  const free = movable(party)
  return (
    <button
      type="button"
      className={`party ${party.status}`}
      aria-current={chosen ? 'true' : undefined}
      draggable={free}
      onDragStart={e => {
        e.dataTransfer.effectAllowed = 'move'
        onDrag(e.dataTransfer)
      }}
      onClick={onOpen}
      data-party={party.id}
    >
      <span className="party-when">
        {clock(party.at)}
        {day && ` – ${clock(party.ends)}`}
      </span>
      <strong className="party-name">{nameOf(party)}</strong>
      <span className="party-more">
        {party.guests} guests{chef && <> · {chef}</>}
      </span>
      <span className="party-state">
        {STATES[party.status]}
        {party.kept && (party.status === 'held' || party.status === 'deposit_pending') && ', kept'}
      </span>
    </button>
  )
}
