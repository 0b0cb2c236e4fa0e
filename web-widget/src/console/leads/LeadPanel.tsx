/** A lead beside the board: why it is so promising, what was told, how to reach them, what people did and wrote. */
import { type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react'
import { Close } from '../../design/icons'
import { draftSoon } from '../assistant/going'
import { Icon } from '../Icon'
import { ColleaguesContext } from '../Mentions'
import { Field, Form, Here, SaveBar, Saved } from '../settings/frame'
import { useLoaded, useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { moment } from '../when'
import {
  bookingOf,
  type Card,
  failedOf,
  happened,
  type Lead,
  nameOf,
  plain,
  reasonOf,
  STATUS,
  TEMPERATURE,
  toldOf,
} from './leads'

/** As in leads.css. */
const ALONE_PX = 900

interface Props {
  id: string
  /** The board's own card of it, where it shows one: another `rev` or score is news. */
  card: Card | null
  onClose(): void
  onMove(card: Card): void
  onChanged(card: Card): void
}

export function LeadPanel({ id, card, onClose, onMove, onChanged }: Props) {
  const { get } = useApi()
  const load = useCallback(() => get<Lead>(`leads/${id}`), [get, id])
  const lead = useLoaded(load)
  const { again } = lead
  const stamp = card ? `${card.rev} ${card.status} ${card.score}` : ''
  const heard = useRef(stamp)
  useEffect(() => {
    if (stamp !== heard.current) again()
    heard.current = stamp
  }, [stamp, again])
  const heading = useRef<HTMLHeadingElement>(null)
  const [Title, Part] = useState<readonly ['h1' | 'h2', 'h2' | 'h3']>(() =>
    innerWidth <= ALONE_PX ? ['h1', 'h2'] : ['h2', 'h3'],
  )[0]
  const there = lead.value !== null
  useEffect(() => {
    if (there) heading.current?.focus({ preventScroll: true })
  }, [there])
  const put = (next: Lead) => {
    lead.change(() => next)
    onChanged(next.lead)
  }
  return (
    <aside className="side-panel lead-panel" aria-label="Lead">
      <button type="button" className="square side-close" aria-label="Close the lead" onClick={onClose}>
        <Icon of={Close} />
      </button>
      <Here of={lead}>
        {one => (
          <>
            <header className="lead-head">
              <p className={`lead-score ${one.lead.temperature}`}>
                {TEMPERATURE[one.lead.temperature]} {one.lead.score}
              </p>
              <Title ref={heading} tabIndex={-1}>
                {nameOf(one.lead)}
              </Title>
              <p className="soft small">
                {STATUS[one.lead.status]} since <time dateTime={one.lead.since}>{moment(one.lead.since)}</time>
                {one.lead.why_disqualified && <>: {one.lead.why_disqualified}</>}
              </p>
            </header>
            <Verbs of={one} put={put} onMove={() => onMove(one.lead)} />
            <Points of={one} as={Part} />
            <Told of={one} as={Part} />
            <Reached of={one} as={Part} />
            <Notes of={one} as={Part} put={put} />
            <History of={one} as={Part} />
          </>
        )}
      </Here>
    </aside>
  )
}

interface PartProps {
  of: Lead
  as: 'h2' | 'h3'
}

function Part({ title, as: Title, children }: { title: string; as: 'h2' | 'h3'; children: ReactNode }) {
  return (
    <section className="side-part" aria-label={title}>
      <Title>{title}</Title>
      {children}
    </section>
  )
}

function Verbs({ of, put, onMove }: { of: Lead; put(lead: Lead): void; onMove(): void }) {
  const { post } = useApi()
  const saving = useSaving()
  const colleagues = useContext(ColleaguesContext)
  const { lead } = of
  const give = async (staff: string) => {
    const body = { staff: staff || null, rev: lead.rev }
    const now = await saving.run(() => post<Lead>(`leads/${lead.id}/assign`, body))
    if (now) put(now)
  }
  const draft = () => {
    location.hash = `#/c/${lead.conversation}`
    draftSoon()
  }
  const known = !lead.assignee || colleagues.some(one => one.id === lead.assignee)
  return (
    <div className="lead-verbs">
      <div className="actions start">
        <button type="button" className="button primary" onClick={onMove}>
          Move to… <kbd>m</kbd>
        </button>
        <a className="button" href={`#/c/${lead.conversation}`}>
          Open conversation
        </a>
        <button type="button" className="button" onClick={draft}>
          Draft a message
        </button>
      </div>
      <Field label="Whose it is">
        <select value={lead.assignee ?? ''} onChange={e => void give(e.target.value)}>
          <option value="">Nobody's</option>
          {!known && <option value={lead.assignee}>{lead.assignee_name}</option>}
          {colleagues.map(one => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      </Field>
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
    </div>
  )
}

function Points({ of, as }: PartProps) {
  const { lead } = of
  return (
    <Part title="Why it is so promising" as={as}>
      <dl className="lead-points">
        {lead.reasons.map(reason => (
          <div key={reason.what}>
            <dt>
              {reasonOf(reason)}
              {reason.what === 'source' && <span className="soft">: {plain(lead.source)}</span>}
            </dt>
            <dd>{reason.points}</dd>
          </div>
        ))}
        <div className="sum">
          <dt>Points</dt>
          <dd>{lead.score}</dd>
        </div>
      </dl>
    </Part>
  )
}

function Told({ of, as }: PartProps) {
  const facts = toldOf(of.lead.facts, of.confidence)
  const failed = failedOf(of.lead)
  return (
    <Part title="What was told" as={as}>
      {failed && <p className="lead-failed">{failed}</p>}
      {facts.length === 0 && <p className="soft">Nothing of a party yet.</p>}
      <dl className="facts">
        {facts.map(({ fact: [name, value], unsure }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {value}
              {unsure && <span className="chip lead-unsure">to be asked again</span>}
            </dd>
          </div>
        ))}
      </dl>
      {of.bookings.length > 0 && (
        <ul className="lead-bookings">
          {of.bookings.map(party => (
            <li key={party.id}>{bookingOf(party)}</li>
          ))}
        </ul>
      )}
    </Part>
  )
}

function Reached({ of, as }: PartProps) {
  const { contacts, consent, lead } = of
  return (
    <Part title="How to reach them" as={as}>
      {contacts?.length === 0 && <p className="soft">They left no way yet; the conversation is there.</p>}
      {!contacts && (
        <p className="soft">
          {lead.reached_by.length > 0 ? 'They left a way. ' : ''}Owners, admins and whose lead it is see it here.
        </p>
      )}
      <ul className="lead-contacts">
        {contacts?.map(({ kind, value, verified }) => (
          <li key={value}>
            <a href={`${kind === 'phone' ? 'tel' : 'mailto'}:${value}`}>{value}</a>
            <span className="soft small">{verified ? 'verified' : 'as they wrote it'}</span>
          </li>
        ))}
      </ul>
      <p className="soft small">
        Text messages:{' '}
        {consent === undefined ? 'nobody asked them' : consent ? 'they agreed to them' : 'they do not want any'}
      </p>
    </Part>
  )
}

function Notes({ of, as, put }: PartProps & { put(lead: Lead): void }) {
  const { post } = useApi()
  const saving = useSaving()
  const notes = of.history.filter(one => one.kind === 'note')
  const send = async (data: FormData) => {
    const text = String(data.get('text') ?? '').trim()
    if (!text) return
    const body = { id: crypto.randomUUID(), text }
    const now = await saving.run(() => post<Lead>(`leads/${of.lead.id}/notes`, body))
    if (now) put(now)
  }
  return (
    <Part title="Notes" as={as}>
      <ul className="lead-notes">
        {notes.map(note => (
          <li key={note.id}>
            <p className="soft small">
              {note.by}, <time dateTime={note.at}>{moment(note.at)}</time>
            </p>
            <p className="plain">{note.text}</p>
          </li>
        ))}
      </ul>
      <Form key={notes.length} onSend={data => void send(data)}>
        <Field label="Add a note">
          <textarea name="text" rows={2} maxLength={2000} required />
        </Field>
        <SaveBar at={saving.at} label="Add note" />
      </Form>
    </Part>
  )
}

function History({ of, as }: PartProps) {
  const told = of.history.filter(one => one.kind !== 'note')
  return (
    <Part title="History" as={as}>
      <ol className="lead-history">
        {told.map(one => (
          <li key={one.id}>
            <span>
              {one.by && <>{one.by} </>}
              {happened(one)}
            </span>
            <time className="soft small" dateTime={one.at}>
              {moment(one.at)}
            </time>
          </li>
        ))}
        <li>
          <span>Came by {plain(of.lead.source)}</span>
          <time className="soft small" dateTime={of.lead.created_at}>
            {moment(of.lead.created_at)}
          </time>
        </li>
      </ol>
    </Part>
  )
}
