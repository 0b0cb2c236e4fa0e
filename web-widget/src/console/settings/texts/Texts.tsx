/** Every text message that goes out, with what became of it, and one of them. */
import { type FormEvent, useCallback, useState } from 'react'
import { moment } from '../../when'
import { Here, Older, Page } from '../frame'
import { useLoaded, useOlder } from '../loading'
import type { PageProps } from '../registry'
import { useApi } from '../session'
import { phone } from '../texting/texting'
import { OneText } from './OneText'
import '../emails/emails.css'
import {
  lookOf,
  priceOf,
  purposeOf,
  STATES,
  sizeOf,
  stateOf,
  type TextRow,
  type TextState,
  type Texts as Told,
  wordsOf,
} from './texts'

export default function Texts({ item }: PageProps) {
  if (item) return <OneText key={item} id={item} />
  return (
    <Page
      title="Texts"
      words="Every text message to customers and colleagues, and why one did not go. What nobody knows the fate of waits for you here."
    >
      <Outgoing />
    </Page>
  )
}

function Outgoing() {
  const { get } = useApi()
  const [state, setState] = useState<TextState | null>(null)
  const [number, setNumber] = useState('')
  const asked = new URLSearchParams({ ...(state && { state }), ...(number && { number }) }).toString()
  const load = useCallback(() => get<Told>(`texts?${asked}`), [get, asked])
  const texts = useLoaded(load)
  const older = useOlder(texts, cursor => get<Told>(`texts?${asked}&cursor=${cursor}`))
  const search = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setNumber(String(new FormData(event.currentTarget).get('number') ?? '').trim())
  }
  return (
    <Here of={texts}>
      {page => (
        <>
          {!page.provider && (
            <p className="notice">
              <span>
                No provider carries texts: every text is held here, and none is sent. Set <code>[sms] provider</code> in
                hibachi.toml, or look at <a href="#/settings/texting">Texting</a>.
              </span>
            </p>
          )}
          <form className="mail-find" onSubmit={search}>
            <input
              type="search"
              name="number"
              inputMode="tel"
              defaultValue={number}
              aria-label="Find by number, its last digits or all of it"
              placeholder="Number, or its last digits"
            />
            <button type="submit" className="button">
              Find
            </button>
          </form>
          <States page={page} at={state} onChange={setState} />
          {page.month.texts > 0 && (
            <p className="soft small">
              In the last 30 days: {sizeOf({ segments: page.month.segments, cost_microdollars: 0 })} in{' '}
              {page.month.texts.toLocaleString('en-US')} texts, {priceOf(page.month.microdollars)}.
            </p>
          )}
          {page.items.length === 0 ? (
            <div className="blank">
              {asked ? 'No text is like that.' : 'Answers, reminders and campaigns appear here as they are written.'}
            </div>
          ) : (
            <ul className="mails">
              {page.items.map(one => (
                <Row key={one.id} text={one} />
              ))}
            </ul>
          )}
          <Older cursor={page.cursor} {...older} />
        </>
      )}
    </Here>
  )
}

interface StatesFrame {
  page: Told
  at: TextState | null
  onChange(state: TextState | null): void
}

function States({ page, at, onChange }: StatesFrame) {
  return (
    <fieldset className="mail-states">
      <legend className="unseen">State</legend>
      <button type="button" className="chip-button" aria-pressed={at === null} onClick={() => onChange(null)}>
        All
      </button>
      {STATES.filter(([one]) => one === at || page.counts[one]).map(([one, name]) => (
        <button key={one} type="button" className="chip-button" aria-pressed={at === one} onClick={() => onChange(one)}>
          {name} <span className="soft">{page.counts[one] ?? 0}</span>
        </button>
      ))}
    </fieldset>
  )
}

function Row({ text }: { text: TextRow }) {
  return (
    <li>
      <a className="mail-row" href={`#/settings/texts/${text.id}`}>
        <span className="mail-what">
          <strong>{wordsOf(text)}</strong>
          <span className="soft small">
            {purposeOf(text.purpose)} to {phone(text.to)}
          </span>
        </span>
        <span className="mail-how">
          <span className={`mail-state ${lookOf(text.state)}`}>{stateOf(text.state)}</span>
          <time className="soft small" dateTime={text.created_at}>
            {moment(text.created_at)}
          </time>
        </span>
        {text.why && <span className="mail-why soft small">{text.why}</span>}
      </a>
    </li>
  )
}
