/** Beside the thread: who the customer is, what is open for them, what the team noted. */
import { Close } from '../design/icons'
import { inWords } from '../protocol/files'
import { HandoffCard } from './HandoffCard'
import { useDesk } from './hooks'
import { Icon } from './Icon'
import { ago, moment } from './when'

const LABELS: Record<string, string> = {
  name: 'Name',
  email: 'E-mail',
  phone: 'Phone',
  locale: 'Language',
  created_at: 'First seen',
  first_seen: 'First seen',
  last_seen: 'Last seen',
  site: 'Site',
}

interface Props {
  id: string
  open: boolean
  now: number
  onClose(): void
}

export function Details({ id, open, now, onClose }: Props) {
  const row = useDesk(d => d.rows[id])
  const details = useDesk(d => d.details[id])
  const staff = useDesk(d => d.threads[id]?.staff)
  const handoffs = useDesk(d => d.handoffs)
  const here = Object.values(handoffs).filter(h => h.conversation === id && h.state !== 'withdrawn')
  const notes = (staff ?? []).flatMap(e => (e.kind === 'note' ? [e] : [])).reverse()
  return (
    <aside className={`details ${open ? 'open' : ''}`} aria-label="Details">
      <header className="details-head">
        <h2>{row?.customer || 'Visitor'}</h2>
        <button type="button" className="square" aria-label="Close details" onClick={onClose}>
          <Icon of={Close} size={18} />
        </button>
      </header>
      {details?.summary && <p className="summary">{details.summary}</p>}
      <dl className="facts">
        <Fact name="Channel" value={row?.channel ?? 'web'} />
        {row?.waiting_since && (
          <Fact
            name="Waiting"
            value={`${ago(row.waiting_since, now)}, since ${moment(row.waiting_since)}`.replace(/^now, /, '')}
          />
        )}
        {row && row.risk !== 'normal' && row.risk !== 'low' && <Fact name="Risk" value={row.risk} />}
        {facts(details?.customer ?? null).map(([name, value]) => (
          <Fact key={name} name={name} value={value} />
        ))}
      </dl>
      <section>
        <h3>Handoffs</h3>
        {here.length === 0 && <p className="soft small">None. One appears when the customer asks for a person.</p>}
        {here.map(h => (
          <HandoffCard key={h.id} handoff={h} />
        ))}
      </section>
      <section>
        <h3>Notes</h3>
        {notes.length === 0 && <p className="soft small">None yet. A note is seen by staff alone.</p>}
        {notes.map(n => (
          <div key={n.id} className="note-card">
            <p className="plain">{inWords(n)}</p>
            <p className="small">
              {n.author.name} · {moment(n.at)}
            </p>
          </div>
        ))}
      </section>
    </aside>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

/** What the server tells of the customer, as far as it is for reading. */
function facts(customer: Record<string, unknown> | null): [string, string][] {
  return Object.entries(customer ?? {}).flatMap(([key, value]) => {
    const label = LABELS[key]
    if (!label || value === null || value === '' || typeof value === 'object') return []
    const text = String(value)
    return [[label, /^\d{4}-\d\d-\d\dT/.test(text) ? moment(text) : text]]
  })
}
