/** One complaint, whole: what was said, what is known, what was done and what is planned. */
import { useCallback } from 'react'
import { useDesk } from '../hooks'
import { Block, Field, Form, Here, Page, SaveBar, Saved } from '../settings/frame'
import { useLoaded, useSaving } from '../settings/loading'
import { CHIEFS } from '../settings/registry'
import { useApi } from '../settings/session'
import { moment } from '../when'
import { Coupons } from './Coupons'
import { type Complaint, type OnComplaint, plain } from './complaints'
import { FollowUps } from './FollowUps'
import { Settle } from './Settle'
import { SeverityChip } from './SeverityChip'

const BACK = { href: '#/complaints', label: 'Complaints' }

export function RecordPage({ id }: { id: string }) {
  const { get } = useApi()
  const role = useDesk(d => d.me.role)
  const load = useCallback(() => get<Complaint>(`complaints/${id}`), [get, id])
  const found = useLoaded(load)
  const name = found.value?.customer || 'Visitor'
  return (
    <Page
      title={found.value ? `Complaint of ${name}` : 'Complaint'}
      words={found.value ? <Head complaint={found.value} /> : 'What was said, done and planned.'}
      back={BACK}
      action={
        found.value && (
          <a className="button" href={`#/c/${found.value.conversation}`}>
            Open conversation
          </a>
        )
      }
    >
      <Here of={found}>
        {complaint => (
          <Parts
            complaint={complaint}
            chief={CHIEFS.some(chief => chief === role)}
            put={now => found.change(() => now)}
          />
        )}
      </Here>
    </Page>
  )
}

function Head({ complaint }: { complaint: Complaint }) {
  return (
    <span className="complaint-head">
      <SeverityChip severity={complaint.severity} />
      <span className="chip">{complaint.state === 'open' ? 'Open' : 'Settled'}</span>
      <span>
        since <time dateTime={complaint.created_at}>{moment(complaint.created_at)}</time>
      </span>
      {complaint.phone && <a href={`tel:${complaint.phone}`}>{complaint.phone}</a>}
      {complaint.email && <a href={`mailto:${complaint.email}`}>{complaint.email}</a>}
    </span>
  )
}

function Parts(on: OnComplaint) {
  const { complaint } = on
  return (
    <div className="complaint-parts">
      <div className="complaint-column">
        <Summary {...on} />
        <Said complaint={complaint} />
        {complaint.incident && <IncidentRecord complaint={complaint} />}
        <Notes {...on} />
      </div>
      <div className="complaint-column">
        <Settle {...on} />
        <FollowUps {...on} />
        <Coupons {...on} />
        <Parties complaint={complaint} />
      </div>
    </div>
  )
}

function Summary({ complaint, put }: OnComplaint) {
  const { post } = useApi()
  const saving = useSaving()
  const choose = async (topic: string) => {
    const now = await saving.run(() => post<Complaint>(`complaints/${complaint.id}/topic`, { topic }))
    if (now) put(now)
  }
  const known = complaint.topics.some(topic => topic.key === complaint.topic)
  return (
    <Block title="What it is about">
      <p className="plain">{complaint.summary}</p>
      <Field label="Topic">
        <select value={complaint.topic ?? ''} onChange={event => void choose(event.target.value)}>
          {!known && <option value={complaint.topic ?? ''}>{plain(complaint.topic ?? 'not named')}</option>}
          {complaint.topics.map(topic => (
            <option key={topic.key} value={topic.key}>
              {topic.name}
            </option>
          ))}
        </select>
      </Field>
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
    </Block>
  )
}

function Said({ complaint }: { complaint: Complaint }) {
  return (
    <Block title="What was said">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so that keys must reach it */}
      <section className="complaint-said" tabIndex={0} aria-label="Messages">
        <ul>
          {complaint.said.map(({ at, message }) => (
            <li key={message.id} className={`by-${message.author.kind}`}>
              <p className="small soft">
                {message.author.name}, <time dateTime={at}>{moment(at)}</time>
              </p>
              <p className="plain">{message.text || (message.attachments ?? []).map(file => file.name).join(', ')}</p>
            </li>
          ))}
        </ul>
      </section>
    </Block>
  )
}

function IncidentRecord({ complaint }: { complaint: Complaint }) {
  const { reported_at, words = [], steps = [], said = [], bookings = [] } = complaint.incident ?? {}
  return (
    <Block title="Incident record" words="What was known when it became severe. It stays as it was.">
      <dl className="incident">
        {reported_at && <Known what="Reported">{moment(reported_at)}</Known>}
        {words.length > 0 && <Known what="Words that told">{words.join(', ')}</Known>}
        {steps.length > 0 && <Known what="What is to be done">{steps.map(plain).join(', ')}</Known>}
        {bookings.length > 0 && (
          <Known what="Parties">
            {bookings.map(one => `#${one.number}, ${moment(one.starts_at)}, ${plain(one.status)}`).join('; ')}
          </Known>
        )}
      </dl>
      <details>
        <summary>The customer's words, as they were</summary>
        <ul className="incident-said">
          {said.map(one => (
            <li key={one.seq} className="plain">
              {one.text}
            </li>
          ))}
        </ul>
      </details>
    </Block>
  )
}

function Known({ what, children }: { what: string; children: string }) {
  return (
    <div>
      <dt className="small soft">{what}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Notes({ complaint, put }: OnComplaint) {
  const { post } = useApi()
  const saving = useSaving()
  const send = async (data: FormData) => {
    const text = String(data.get('text') ?? '').trim()
    if (!text) return
    const body = { id: crypto.randomUUID(), text }
    const now = await saving.run(() => post<Complaint>(`complaints/${complaint.id}/notes`, body))
    if (now) put(now)
  }
  return (
    <Block title="Notes" words="For staff alone; they stand in the conversation too.">
      {complaint.notes.length > 0 && (
        <ul className="complaint-notes">
          {complaint.notes.map(note => (
            <li key={`${note.at}${note.text}`}>
              <p className="small soft">
                {note.author.name}, <time dateTime={note.at}>{moment(note.at)}</time>
              </p>
              <p className="plain">{note.text}</p>
            </li>
          ))}
        </ul>
      )}
      <Form key={complaint.notes.length} onSend={data => void send(data)}>
        <Field label="Add a note">
          <textarea name="text" rows={2} maxLength={2000} required />
        </Field>
        <SaveBar at={saving.at} label="Add note" />
      </Form>
    </Block>
  )
}

function Parties({ complaint }: { complaint: Complaint }) {
  return (
    <Block title="Parties of this customer">
      {complaint.bookings.length === 0 ? (
        <p className="soft">None was booked.</p>
      ) : (
        <ul className="complaint-parties">
          {complaint.bookings.map(party => (
            <li key={party.id}>
              <strong>#{party.number}</strong> {moment(party.starts_at)}
              <p className="small soft">
                {party.guests} guests, {plain(party.status)}
                {party.chef ? `, chef ${party.chef}` : ''}, {party.station}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Block>
  )
}
