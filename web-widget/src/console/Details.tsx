/** Beside the thread: who the customer is, what is open for them, what the team noted. */
import { Close } from '../design/icons'
import type { Details as Known } from '../protocol/desk'
import { inWords } from '../protocol/files'
import { handoffsOf } from '../protocol/handoffs'
import { standing } from '../protocol/lines'
import type { Row } from '../protocol/wire'
import { visible } from '../text/markdown'
import { Agreed } from './Agreed'
import { Facts } from './Facts'
import { HandoffCard } from './HandoffCard'
import { useDesk } from './hooks'
import { Icon } from './Icon'
import { eventOf, type Fact } from './known'
import { SamePerson } from './people/SamePerson'
import { useCost } from './settings/costs/conversation'
import { phone } from './settings/texting/texting'
import { ago, moment } from './when'
import { channelName } from './words'

const CONTACTS: Record<string, string> = { email: 'E-mail', phone: 'Phone' }
/** By the card's type, those that tell what is kept for the customer. */
const HELD = ['quote', 'hold', 'booking', 'payment']

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
  const cost = useCost(id)
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
      <Facts facts={[...standingOf(row, details, now), ...cost]} />
      <SamePerson id={id} now={now} />
      <Agreed id={id} />
      <Open id={id} now={now} onUsed={onClose} />
      <Event id={id} />
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

/** What waits for a person here, the most urgent first; what is settled below. */
function Open({ id, now, onUsed }: { id: string; now: number; onUsed(): void }) {
  const handoffs = useDesk(d => d.handoffs)
  const me = useDesk(d => d.me.id)
  const here = Object.fromEntries(Object.entries(handoffs).filter(([, h]) => h.conversation === id))
  const list = (['todo', 'done'] as const).flatMap(standing => handoffsOf(here, { kind: null, standing }, me))
  return (
    <section>
      <h3>Handoffs</h3>
      {list.length === 0 && <p className="soft small">None. One appears when the customer asks for a person.</p>}
      {list.map(h => (
        <HandoffCard key={h.id} handoff={h} now={now} onUsed={onUsed} />
      ))}
    </section>
  )
}

/** The party that it is about: what is known of it, and what is kept for it. */
function Event({ id }: { id: string }) {
  const lead = useDesk(d => d.details[id]?.lead)
  const handoffs = useDesk(d => d.handoffs)
  const thread = useDesk(d => d.threads[id])
  const known = eventOf(
    lead?.facts ?? {},
    Object.values(handoffs).filter(h => h.conversation === id),
  )
  const kept = thread ? standing(thread).filter(card => HELD.includes(card.type)) : []
  return (
    <section>
      <h3>
        Event{' '}
        {lead && (
          <span className="chip" title={reasons(lead.reasons)}>
            Lead score {lead.score}
          </span>
        )}
      </h3>
      {known.length === 0 && kept.length === 0 && (
        <p className="soft small">
          Nothing yet. The date, the guests and the place appear here as the customer tells them.
        </p>
      )}
      {kept.map(card => (
        <div key={card.id} className={`kept ${card.type} ${card.state}`}>
          <p className="line">
            <strong>{card.title}</strong>
            {card.state && card.state !== 'open' && <span className="chip">{card.state.replaceAll('_', ' ')}</span>}
            {card.total && <span className="kept-sum">{card.total}</span>}
          </p>
          {card.type !== 'quote' && <Facts facts={card.lines.map(l => [l.label, l.value])} />}
        </div>
      ))}
      <Facts facts={known} />
    </section>
  )
}

function reasons(of: Record<string, unknown>): string | undefined {
  const words = Object.entries(of).flatMap(([name, points]) =>
    typeof points === 'number' && points !== 0 ? [`${name.replaceAll('_', ' ')} ${points}`] : [],
  )
  return words.length ? words.join(', ') : undefined
}

/** Who it is, how they came, how long they have waited. */
function standingOf(row: Row | undefined, details: Known | undefined, now: number): Fact[] {
  const since = row?.waiting_since
  const waiting = since ? `${ago(since, now)}, since ${moment(since)}`.replace(/^now, /, '') : ''
  const risk = row && row.risk !== 'normal' && row.risk !== 'low' ? row.risk : ''
  const customer = details?.customer ?? {}
  const rows: Fact[] = [
    ['Channel', channelName(row?.channel)],
    ['Waiting', waiting],
    ['Risk', risk],
    ['Language', words(customer.locale)],
    ...contacts(customer.identities),
    ['First seen', typeof customer.since === 'string' ? moment(customer.since) : ''],
  ]
  return rows.filter(([, value]) => value)
}

/** E-mail and phone, each with whether it is known to be theirs. */
function contacts(identities: unknown): Fact[] {
  if (!Array.isArray(identities)) return []
  return identities.flatMap((one: Record<string, unknown>): Fact[] => {
    const [name, value] = [CONTACTS[words(one.kind)], words(one.value)]
    const shown = one.kind === 'phone' ? phone(value) : value
    return name && value ? [[name, one.verified ? shown : `${shown} (not verified)`]] : []
  })
}

function words(value: unknown): string {
  return typeof value === 'string' ? visible(value) : ''
}
