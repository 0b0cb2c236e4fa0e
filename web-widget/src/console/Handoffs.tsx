import type { Handoff } from '../protocol/wire'
import { HandoffCard } from './HandoffCard'
import { useDesk } from './hooks'
import { NoticeBar } from './NoticeBar'

const ORDER: Record<Handoff['state'], number> = { open: 0, claimed: 1, resolved: 2, withdrawn: 3 }

/** Everything that waits for a person, soonest due first. */
export function Handoffs({ onOpen }: { onOpen(conversation: string): void }) {
  const handoffs = useDesk(d => d.handoffs)
  const notice = useDesk(d => d.notice)
  const list = Object.values(handoffs).sort(
    (a, b) => ORDER[a.state] - ORDER[b.state] || Date.parse(a.due_at) - Date.parse(b.due_at),
  )
  return (
    <section className="page" aria-label="Handoffs">
      <h1>Handoffs</h1>
      {notice && <NoticeBar id={notice.conversation} onForce={() => onOpen(notice.conversation)} />}
      {list.length === 0 && (
        <p className="soft">Nothing waits. When a customer asks for a person, it appears here with its due time.</p>
      )}
      <div className="cards">
        {list.map(h => (
          <HandoffCard key={h.id} handoff={h} onOpen={onOpen} />
        ))}
      </div>
    </section>
  )
}
