/** Who may get texts, and how that is known: refusals to look at, a number's ledger, and its proof as a file. */
import { type ReactNode, useCallback, useState } from 'react'
import { AddIcon, Save, SearchIcon } from '../../../design/icons'
import { Dialog } from '../../Dialog'
import { saveAnswer } from '../../download'
import { Icon } from '../../Icon'
import { moment } from '../../when'
import { Block, Field, Form, Here, Page, SaveBar, Saved } from '../frame'
import { useLoaded, useSaving } from '../loading'
import type { PageProps } from '../registry'
import { useApi, useSession } from '../session'
import { phone } from '../texting/texting'
import {
  type Entry,
  itemOf,
  numberOf,
  type OfNumber,
  type Overview,
  type Purpose,
  type Review,
  SOURCE,
  standing,
  told,
} from './consent'
import './consent.css'

export default function Consent({ item }: PageProps) {
  return item ? <OneNumber key={item} number={numberOf(item)} /> : <All />
}

function All() {
  const { get } = useApi()
  const load = useCallback(() => get<Overview>('consent'), [get])
  const found = useLoaded(load)
  return (
    <Page
      title="Consent"
      words="Who may get text messages, and how that is known. Entries are added, never changed."
      action={<Look />}
    >
      <Here of={found}>
        {of => (
          <>
            <Reviews reviews={of.reviews} onSettled={found.again} />
            <Block title="Said last">
              {of.entries.length === 0 ? (
                <p className="soft">
                  Nobody has agreed to texts yet. An entry appears when somebody ticks the box in the chat, proves their
                  number, or texts START or STOP.
                </p>
              ) : (
                <Ledger entries={of.entries} numbered />
              )}
            </Block>
          </>
        )}
      </Here>
    </Page>
  )
}

/** Leads to a number's page; what is no number is refused there. */
function Look() {
  const send = (data: FormData) => {
    const given = String(data.get('number') ?? '')
    const digits = itemOf(given)
    if (digits) location.hash = `#/settings/consent/${digits.length === 10 ? `1${digits}` : digits}`
  }
  return (
    <Form onSend={send} className="consent-look">
      <input name="number" type="tel" aria-label="Phone number" placeholder="Phone number" required maxLength={40} />
      <button type="submit" className="button">
        <Icon of={SearchIcon} size={16} /> Look up
      </button>
    </Form>
  )
}

function OneNumber({ number }: { number: string }) {
  const { post } = useApi()
  const load = useCallback(() => post<OfNumber>('consent/look', { number }), [post, number])
  const found = useLoaded(load)
  const [telling, setTelling] = useState(false)
  return (
    <Page
      title={phone(number)}
      words="What was agreed to and ended for this number, whoever gives it as theirs."
      back={{ href: '#/settings/consent', label: 'Consent' }}
      action={
        <button type="button" className="button" onClick={() => setTelling(true)}>
          <Icon of={AddIcon} size={16} /> Keep what you were told
        </button>
      }
    >
      <Here of={found}>
        {of => (
          <>
            <Standing of={of} />
            <Reviews reviews={of.reviews} onSettled={found.again} />
            <Block title="Ledger" words="The newest first.">
              {of.entries.length === 0 ? (
                <p className="soft">Nothing was ever said for this number: it gets no texts but answers to its own.</p>
              ) : (
                <Ledger entries={of.entries} />
              )}
            </Block>
            <Proof number={of.number} />
          </>
        )}
      </Here>
      {telling && (
        <Dialog title="Keep what you were told" onClose={() => setTelling(false)}>
          <Told
            number={number}
            onClose={() => setTelling(false)}
            onKept={kept => {
              setTelling(false)
              found.change(() => kept)
            }}
          />
        </Dialog>
      )}
    </Page>
  )
}

function Standing({ of }: { of: OfNumber }) {
  const names = of.customers.map(one => `${one.name ?? 'Visitor'}${one.verified ? '' : ' (not verified)'}`)
  return (
    <Block title="What counts now">
      <dl className="consent-facts">
        {standing(of.standing).map(([what, how, good]) => (
          <Fact key={what} what={what}>
            <span className={good ? 'chip good' : how === 'never asked' ? 'chip' : 'chip bad'}>{how}</span>
          </Fact>
        ))}
        <Fact what="Given by">{names.length > 0 ? names.join(', ') : 'nobody'}</Fact>
      </dl>
      {of.standing.stopped && (
        <p className="soft small">
          This phone stopped all texts. Nobody here can begin them again: only START, sent from that phone, does.
        </p>
      )}
    </Block>
  )
}

function Fact({ what, children }: { what: string; children: ReactNode }) {
  return (
    <div>
      <dt className="small soft">{what}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Ledger({ entries, numbered = false }: { entries: readonly Entry[]; numbered?: boolean }) {
  return (
    <ol className="consent-ledger">
      {entries.map(one => (
        <li key={one.id}>
          <p className="consent-line">
            <strong>{told(one)}</strong>
            <span className={one.granted ? 'chip good' : 'chip bad'}>{SOURCE[one.source]}</span>
            <time className="soft small" dateTime={one.at}>
              {moment(one.at)}
            </time>
          </p>
          {numbered && <NumberLink number={one.number} />}
          <blockquote>{one.text}</blockquote>
          <p className="soft small">
            {[one.ip && `from ${one.ip}`, one.by && `kept by ${one.by}`, one.reason].filter(Boolean).join(', ')}
            {one.conversation && (
              <>
                {' '}
                <a href={`#/c/${one.conversation}`}>Conversation</a>
              </>
            )}
          </p>
        </li>
      ))}
    </ol>
  )
}

function NumberLink({ number }: { number: string }) {
  return (
    <span className="figure small">
      <a href={`#/settings/consent/${itemOf(number)}`}>{phone(number)}</a>
    </span>
  )
}

/** Refusals in free words. They hold already; a person says whether they were meant so. */
function Reviews({ reviews, onSettled }: { reviews: readonly Review[]; onSettled(): void }) {
  if (reviews.length === 0) return null
  return (
    <Block
      title="Refusals to look at"
      words="Somebody asked in words of their own to get no more. Marketing ended at once; was it meant so?"
    >
      <ul className="consent-ledger">
        {reviews.map(one => (
          <OneReview key={one.id} one={one} onSettled={onSettled} />
        ))}
      </ul>
    </Block>
  )
}

function OneReview({ one, onSettled }: { one: Review; onSettled(): void }) {
  const { post } = useApi()
  const saving = useSaving()
  const [asking, setAsking] = useState(false)
  const settle = async (body: { decision: 'confirmed' | 'reversed'; reason?: string }) => {
    if (await saving.run(() => post(`consent/reviews/${one.id}`, body))) onSettled()
  }
  return (
    <li>
      <blockquote>{one.text}</blockquote>
      <p className="soft small">
        <NumberLink number={one.number} />, {moment(one.created_at)}
        {one.conversation && (
          <>
            {' '}
            <a href={`#/c/${one.conversation}`}>Conversation</a>
          </>
        )}
      </p>
      <p className="actions">
        <button type="button" className="button" onClick={() => setAsking(true)}>
          Not meant so
        </button>
        <button
          type="button"
          className="button primary"
          disabled={saving.at.state === 'saving'}
          onClick={() => void settle({ decision: 'confirmed' })}
        >
          They meant it
        </button>
      </p>
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
      {asking && (
        <Dialog title="Not meant as a refusal" onClose={() => setAsking(false)}>
          <Form onSend={data => void settle({ decision: 'reversed', reason: String(data.get('reason') ?? '') })}>
            <Field label="Why" hint="Marketing stands again as it did before. Your words are kept in the ledger.">
              <input name="reason" required minLength={3} maxLength={500} autoComplete="off" />
            </Field>
            <SaveBar at={saving.at} label="Take it back">
              <button type="button" className="button" onClick={() => setAsking(false)}>
                Cancel
              </button>
            </SaveBar>
          </Form>
        </Dialog>
      )}
    </li>
  )
}

const CHOICES: readonly (readonly [string, Purpose, boolean])[] = [
  ['They agreed to booking texts', 'transactional', true],
  ['They agreed to marketing', 'marketing', true],
  ['They want no marketing any more', 'marketing', false],
  ['They want no texts at all', 'all', false],
]

interface ToldProps {
  number: string
  onClose(): void
  onKept(kept: OfNumber): void
}

/** A consent, or its end, that was given on paper or by phone. */
function Told({ number, onClose, onKept }: ToldProps) {
  const { post } = useApi()
  const saving = useSaving()
  const send = async (data: FormData) => {
    const chosen = CHOICES[Number(data.get('choice'))]
    if (!chosen) return
    const [, purpose, granted] = chosen
    const [text, reason] = [String(data.get('text') ?? ''), String(data.get('reason') ?? '')]
    const kept = await saving.run(() => post<OfNumber>('consent/entries', { number, purpose, granted, text, reason }))
    if (kept) onKept(kept)
  }
  return (
    <Form onSend={data => void send(data)}>
      <Field label="What">
        <select name="choice" defaultValue="0">
          {CHOICES.map(([label], place) => (
            <option key={label} value={place}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Their words" hint="What they signed, or what they said, as it was.">
        <textarea name="text" rows={4} required minLength={3} maxLength={2000} />
      </Field>
      <Field label="How you know" hint="Like: signed at the tasting on May 3, the form is in the office.">
        <input name="reason" required minLength={3} maxLength={500} autoComplete="off" />
      </Field>
      <SaveBar at={saving.at} label="Keep it">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
      </SaveBar>
    </Form>
  )
}

function Proof({ number }: { number: string }) {
  const { session } = useSession()
  const saving = useSaving()
  const save = (path: string, name: string) => saving.run(() => saveAnswer(path, { number }, session.csrf, name))
  return (
    <Block
      title="Proof"
      words={
        <>
          Every entry with its words, way in, time, address and person. The document is chained by hashes and signed;{' '}
          <code>hibachi consent verify</code> checks it.
        </>
      }
    >
      <p className="actions">
        <button type="button" className="button" onClick={() => void save('consent/proof', 'consent.json')}>
          <Icon of={Save} size={16} /> Signed document
        </button>
        <button type="button" className="button" onClick={() => void save('consent/table', 'consent.csv')}>
          <Icon of={Save} size={16} /> Table
        </button>
      </p>
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
    </Block>
  )
}
