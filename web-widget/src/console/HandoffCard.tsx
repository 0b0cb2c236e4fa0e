import type { Handoff } from '../protocol/wire'
import { useClient, useDesk } from './hooks'
import { moment } from './when'
import { KINDS } from './words'

/** Something that waits for a person: claim it, settle it, or open its conversation. */
export function HandoffCard({ handoff, onOpen }: { handoff: Handoff; onOpen?: (conversation: string) => void }) {
  const client = useClient()
  const customer = useDesk(d => d.rows[handoff.conversation]?.customer)
  const claimer = useDesk(d =>
    handoff.claimed_by === d.me.id ? 'you' : ((handoff.claimed_by && d.names[handoff.claimed_by]) ?? 'a colleague'),
  )
  const done = handoff.state === 'resolved' || handoff.state === 'withdrawn'
  const claim = async () => {
    if (await client.claim(handoff)) onOpen?.(handoff.conversation)
  }
  return (
    <article className={`handoff ${handoff.state} ${handoff.urgency}`}>
      <p className="line">
        <strong>{KINDS[handoff.kind]}</strong>
        <span className={`chip ${handoff.state === 'open' ? 'queue' : ''}`}>
          {handoff.state === 'claimed' ? `claimed by ${claimer}` : handoff.state}
        </span>
      </p>
      {onOpen && <p className="soft">{customer || 'Visitor'}</p>}
      {handoff.summary && <p>{handoff.summary}</p>}
      {!done && <p className="soft small">Due {moment(handoff.due_at)}</p>}
      <div className="actions start">
        {handoff.state === 'open' && (
          <button type="button" className="button primary" onClick={() => void claim()}>
            Claim
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
