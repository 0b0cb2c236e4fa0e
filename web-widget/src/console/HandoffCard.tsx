/** Something that waits for a person: what it is, how urgent, what is known; claim it, answer it, settle it. */
import { DueIcon, Suggest } from '../design/icons'
import { NO_DRAFTS } from '../protocol/desk'
import { isMine } from '../protocol/groups'
import type { Handoff } from '../protocol/wire'
import { Facts } from './Facts'
import { useClient, useDesk } from './hooks'
import { Icon } from './Icon'
import { act } from './keys'
import { eventOf, factsOf, OF_EVENT } from './known'
import { due } from './when'
import { KINDS, URGENT } from './words'

interface Props {
  handoff: Handoff
  now: number
  /** In the list of all: its conversation is elsewhere. */
  onOpen?: (conversation: string) => void
  /** Its reply went into the field. */
  onUsed?: () => void
}

export function HandoffCard({ handoff, now, onOpen, onUsed }: Props) {
  const client = useClient()
  const customer = useDesk(d => d.rows[handoff.conversation]?.customer)
  const done = handoff.state === 'resolved' || handoff.state === 'withdrawn'
  const late = !done && due(handoff.due_at, now).overdue
  const kind = KINDS[handoff.kind]
  const claim = async () => {
    if (await client.claim(handoff)) onOpen?.(handoff.conversation)
  }
  return (
    <article
      className={`handoff ${handoff.state} ${handoff.urgency} ${late ? `overdue step-${Math.min(3, handoff.step ?? 0)}` : ''}`}
      aria-label={`${kind.word}, ${customer || 'Visitor'}`}
      data-conversation={handoff.conversation}
    >
      <header className="handoff-head">
        <Icon of={kind.icon} size={18} />
        <strong>{kind.word}</strong>
        {!done && URGENT[handoff.urgency] && (
          <span className={`chip risk ${handoff.urgency}`}>{URGENT[handoff.urgency]}</span>
        )}
        {handoff.state === 'open' && (handoff.step ?? 0) > 0 && (
          <span className="chip queue">
            {handoff.step === 1 ? 'Called again' : `Called again ${handoff.step} times`}
          </span>
        )}
        <State handoff={handoff} now={now} />
      </header>
      {onOpen && <p className="soft">{customer || 'Visitor'}</p>}
      {handoff.summary && <p className="handoff-summary">{handoff.summary}</p>}
      {/* Beside the thread the event has a section of its own. */}
      {!done && <Facts facts={factsOf(handoff.facts ?? {}, OF_EVENT)} />}
      {onOpen && <Folded handoff={handoff} />}
      {!done && handoff.tried && <p className="soft small">Tried: {handoff.tried}</p>}
      {!done && handoff.suggested_reply && (
        <Suggested handoff={handoff} text={handoff.suggested_reply} onOpen={onOpen} onUsed={onUsed} />
      )}
      <div className="actions start">
        {handoff.state === 'open' && (
          <button type="button" className="button primary" data-action="claim" onClick={() => void claim()}>
            Claim {!onOpen && <kbd>c</kbd>}
          </button>
        )}
        {!done && (
          <button type="button" className="button" onClick={() => void client.settleHandoff(handoff)}>
            Settle
          </button>
        )}
        {onOpen && (
          <button type="button" className="button quiet" onClick={() => onOpen(handoff.conversation)}>
            Open conversation
          </button>
        )}
      </div>
    </article>
  )
}

const STATES = { open: '', claimed: '', resolved: 'Settled', withdrawn: 'Withdrawn' }

/** Until when, and whose it is. */
function State({ handoff, now }: { handoff: Handoff; now: number }) {
  const claimer = useDesk(d =>
    handoff.claimed_by === d.me.id ? 'you' : ((handoff.claimed_by && d.names[handoff.claimed_by]) ?? 'a colleague'),
  )
  if (STATES[handoff.state]) return <span className="chip">{STATES[handoff.state]}</span>
  const { text, overdue, soon } = due(handoff.due_at, now)
  return (
    <>
      {handoff.state === 'claimed' && <span className="chip person">Claimed by {claimer}</span>}
      <time className={`due ${overdue ? 'over' : soon ? 'soon' : ''}`} dateTime={handoff.due_at}>
        <Icon of={DueIcon} size={14} /> {text}
      </time>
    </>
  )
}

function Folded({ handoff }: { handoff: Handoff }) {
  const facts = eventOf({}, [handoff])
  if (facts.length === 0) return null
  return (
    <details className="handoff-more">
      <summary>What is known of the event</summary>
      <Facts facts={facts} />
    </details>
  )
}

interface SuggestedProps {
  handoff: Handoff
  text: string
  onOpen: Props['onOpen']
  onUsed: Props['onUsed']
}

/** The reply that the assistant proposes: one press puts it into the field, and takes over where nobody has. */
function Suggested({ handoff, text, onOpen, onUsed }: SuggestedProps) {
  const client = useClient()
  const id = handoff.conversation
  const human = useDesk(d => d.rows[id]?.owner === 'human' && d.rows[id].state !== 'closed')
  const own = useDesk(d => isMine(d, id))
  const [mine, theirs] = [human && own, human && !own]
  if (theirs) return <p className="suggested">{text}</p>
  const use = async () => {
    const before = (client.store.get().drafts[id] ?? NO_DRAFTS).reply.trim()
    const reply = before.includes(text) ? before : before ? `${before}\n${text}` : text
    client.store.dispatch({ type: 'draft', conversation: id, which: 'reply', text: reply })
    if (!mine && !(await client.take(id))) return
    onOpen?.(id)
    onUsed?.()
    act('reply')
  }
  return (
    <div className="suggested">
      <p>{text}</p>
      <button type="button" className="button" data-action="suggested" onClick={() => void use()}>
        <Icon of={Suggest} size={16} /> {mine ? 'Use this reply' : 'Take over with this reply'}{' '}
        {!onOpen && <kbd>s</kbd>}
      </button>
    </div>
  )
}
