/** Everything that waits for a person: by kind and by how it stands, the most urgent first. */
import { useState } from 'react'
import {
  counts,
  type HandoffKind,
  handoffsOf,
  KINDS as KIND_NAMES,
  STANDINGS,
  type Standing,
  type Wanted,
} from '../protocol/handoffs'
import { HandoffCard } from './HandoffCard'
import { useDesk, useNow } from './hooks'
import { Icon } from './Icon'
import { NoticeBar } from './NoticeBar'
import { KINDS } from './words'

const STANDS: Record<Standing, string> = { todo: 'To do', mine: 'Claimed by me', done: 'Done' }

export function Handoffs({ onOpen }: { onOpen(conversation: string): void }) {
  const handoffs = useDesk(d => d.handoffs)
  const me = useDesk(d => d.me.id)
  const notice = useDesk(d => d.notice)
  const now = useNow()
  const [wanted, setWanted] = useState<Wanted>({ kind: null, standing: 'todo' })
  const list = handoffsOf(handoffs, wanted, me)
  const of = counts(handoffs, wanted.standing, me)
  const toggle = (kind: HandoffKind | null) => setWanted({ ...wanted, kind })
  return (
    <section className="page" aria-label="Handoffs">
      <h1>Handoffs</h1>
      {notice && <NoticeBar id={notice.conversation} onForce={() => onOpen(notice.conversation)} />}
      <div className="narrowing">
        <fieldset className="views" aria-label="How it stands">
          {STANDINGS.map(standing => (
            <button
              key={standing}
              type="button"
              className="view"
              aria-pressed={standing === wanted.standing}
              onClick={() => setWanted({ ...wanted, standing })}
            >
              {STANDS[standing]}
            </button>
          ))}
        </fieldset>
        <fieldset className="views" aria-label="Kind">
          <button type="button" className="view" aria-pressed={wanted.kind === null} onClick={() => toggle(null)}>
            All kinds
          </button>
          {KIND_NAMES.map(kind => (
            <button
              key={kind}
              type="button"
              className="view"
              aria-pressed={kind === wanted.kind}
              onClick={() => toggle(kind)}
            >
              <Icon of={KINDS[kind].icon} size={15} /> {KINDS[kind].word}{' '}
              {of[kind] > 0 && <span className="tally">{of[kind]}</span>}
            </button>
          ))}
        </fieldset>
      </div>
      {list.length === 0 && <p className="soft">{emptiness(wanted)}</p>}
      <div className="cards">
        {list.map(h => (
          <HandoffCard key={h.id} handoff={h} now={now} onOpen={onOpen} />
        ))}
      </div>
    </section>
  )
}

const WHEN: Record<HandoffKind, string> = {
  booking: 'A booking appears here when the assistant holds a date, or when one needs a second look.',
  complaint: 'A complaint appears here as soon as a customer is unhappy.',
  human: 'It appears here when a customer asks for a person.',
  payment: 'A payment appears here when it does not match what is owed.',
  lead: 'A lead appears here when a booking came to nothing.',
}

function emptiness({ kind, standing }: Wanted): string {
  if (standing === 'done') return 'Nothing was settled yet. What you settle stays here to be looked up.'
  if (standing === 'mine') return 'You have claimed nothing. Claim a handoff, and it is yours until you settle it.'
  if (kind) return `Nothing of this kind waits. ${WHEN[kind]}`
  return 'Nothing waits. When a customer asks for a person, it appears here with its due time.'
}
