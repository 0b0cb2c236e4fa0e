/** Every e-mail: those that go out with their states, those that came in, and one of them as it was written. */
import { type FormEvent, useCallback, useState } from 'react'
import { moment } from '../../when'
import { Here, Older, Page } from '../frame'
import { useLoaded, useOlder } from '../loading'
import type { PageProps } from '../registry'
import { useApi } from '../session'
import { Incoming } from './Incoming'
import { OneMail } from './OneMail'
import './emails.css'
import {
  causeOf,
  type EmailRow,
  type EmailState,
  lookOf,
  type Emails as Mails,
  STATES,
  stateOf,
  titleOf,
} from './emails'

export default function Emails({ item }: PageProps) {
  const [incoming, setIncoming] = useState(false)
  if (item) return <OneMail key={item} id={item} />
  return (
    <Page
      title="E-mails"
      words="Everything that was written to customers and staff, and what came back. What nobody knows the fate of waits for you here."
      action={
        <fieldset className="mail-forms">
          <legend className="unseen">Which way</legend>
          {[false, true].map(way => (
            <button
              key={String(way)}
              type="button"
              className="chip-button"
              aria-pressed={way === incoming}
              onClick={() => setIncoming(way)}
            >
              {way ? 'Came in' : 'Going out'}
            </button>
          ))}
        </fieldset>
      }
    >
      {incoming ? <Incoming /> : <Outgoing />}
    </Page>
  )
}

function Outgoing() {
  const { get } = useApi()
  const [state, setState] = useState<EmailState | null>(null)
  const [words, setWords] = useState('')
  const asked = new URLSearchParams({ ...(state && { state }), ...(words && { q: words }) }).toString()
  const load = useCallback(() => get<Mails>(`emails?${asked}`), [get, asked])
  const mails = useLoaded(load)
  const older = useOlder(mails, cursor => get<Mails>(`emails?${asked}&cursor=${cursor}`))
  const search = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setWords(String(new FormData(event.currentTarget).get('q') ?? '').trim())
  }
  return (
    <Here of={mails}>
      {page => (
        <>
          {!page.server && (
            <p className="notice">
              <span>
                No SMTP server is configured: every mail is held here, and none is sent. Set <code>[email] host</code>{' '}
                in hibachi.toml.
              </span>
            </p>
          )}
          <form className="mail-find" onSubmit={search}>
            <input
              type="search"
              name="q"
              defaultValue={words}
              aria-label="Find by address, name or subject"
              placeholder="Address, name or subject"
            />
            <button type="submit" className="button">
              Find
            </button>
          </form>
          <fieldset className="mail-states">
            <legend className="unseen">State</legend>
            <button type="button" className="chip-button" aria-pressed={state === null} onClick={() => setState(null)}>
              All
            </button>
            {STATES.filter(([one]) => one === state || page.counts[one]).map(([one, name]) => (
              <button
                key={one}
                type="button"
                className="chip-button"
                aria-pressed={state === one}
                onClick={() => setState(one)}
              >
                {name} <span className="soft">{page.counts[one] ?? 0}</span>
              </button>
            ))}
          </fieldset>
          {page.items.length === 0 ? (
            <div className="blank">
              {asked
                ? 'No e-mail is like that.'
                : 'Confirmations, reminders and answers appear here as they are written, with what became of them.'}
            </div>
          ) : (
            <ul className="mails">
              {page.items.map(one => (
                <Row key={one.id} mail={one} />
              ))}
            </ul>
          )}
          <Older cursor={page.cursor} {...older} />
        </>
      )}
    </Here>
  )
}

function Row({ mail }: { mail: EmailRow }) {
  const why = causeOf(mail)
  return (
    <li>
      <a className="mail-row" href={`#/settings/emails/${mail.id}`}>
        <span className="mail-what">
          <strong>{mail.subject}</strong>
          <span className="soft small">
            {titleOf(mail.kind)} to {mail.to_name ? `${mail.to_name}, ${mail.to_address}` : mail.to_address}
          </span>
        </span>
        <span className="mail-how">
          <span className={`mail-state ${lookOf(mail.state)}`}>{stateOf(mail.state)}</span>
          <time className="soft small" dateTime={mail.created_at}>
            {moment(mail.created_at)}
          </time>
        </span>
        {why && <span className="mail-why soft small">{why}</span>}
      </a>
    </li>
  )
}
