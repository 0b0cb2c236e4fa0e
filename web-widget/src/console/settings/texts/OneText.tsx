/** One text message: what it said, what became of it, and what a person can decide of it. */
import { type ReactNode, useCallback, useState } from 'react'
import { Dialog } from '../../Dialog'
import { moment } from '../../when'
import { Here, Page, Saved } from '../frame'
import { useLoaded, useSaving } from '../loading'
import { CHIEFS } from '../registry'
import { useApi, useSession } from '../session'
import { phone } from '../texting/texting'
import {
  filesOf,
  lookOf,
  mayRetry,
  type OneText as One,
  purposeOf,
  sizeOf,
  stateOf,
  type TextRow,
  wordsOf,
} from './texts'

export function OneText({ id }: { id: string }) {
  const { get } = useApi()
  const load = useCallback(() => get<One>(`texts/${id}`), [get, id])
  const text = useLoaded(load)
  return (
    <Page
      title={text.value ? `Text to ${phone(text.value.text.to)}` : 'Text'}
      words={text.value ? purposeOf(text.value.text.purpose) : 'One text message'}
      back={{ href: '#/settings/texts', label: 'Texts' }}
    >
      <Here of={text}>
        {one => (
          <>
            <Fate text={one.text} onMoved={state => text.change(all => ({ ...all, text: { ...all.text, state } }))} />
            <p className="mail-words">{wordsOf(one.text)}</p>
            <Facts of={one} />
            {one.text.conversation && <a href={`#/c/${one.text.conversation}`}>Open the conversation</a>}
            {one.text.campaign && <a href={`#/campaigns/${one.text.campaign}`}>Open the campaign</a>}
          </>
        )}
      </Here>
    </Page>
  )
}

function Facts({ of }: { of: One }) {
  const { text, number, reference } = of
  return (
    <dl className="mail-facts">
      <dt>Size</dt>
      <dd>
        {sizeOf(text)},{' '}
        {text.encoding === 'gsm7' ? 'plain letters' : 'letters beyond the plain ones, so shorter segments'}
      </dd>
      {text.files > 0 && <Fact name="With it">{filesOf(text.files)}</Fact>}
      {number && <Fact name="From">{phone(number)}</Fact>}
      <Fact name="Written">
        <time dateTime={text.created_at}>{moment(text.created_at)}</time>
      </Fact>
      {text.sent_at && (
        <Fact name="Sent">
          <time dateTime={text.sent_at}>{moment(text.sent_at)}</time>
        </Fact>
      )}
      {text.delivered_at && (
        <Fact name="Delivered">
          <time dateTime={text.delivered_at}>{moment(text.delivered_at)}</time>
        </Fact>
      )}
      {text.cause && <Fact name="Cause">{text.cause}</Fact>}
      {reference && <Fact name="At the provider">{reference}</Fact>}
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function Fate({ text, onMoved }: { text: TextRow; onMoved(state: TextRow['state']): void }) {
  const { post } = useApi()
  const { session } = useSession()
  const saving = useSaving()
  const [asking, setAsking] = useState(false)
  const decides = CHIEFS.some(role => role === session.staff.role)
  const move = async (path: 'retry' | 'arrived', body: object) => {
    setAsking(false)
    const answer = await saving.run(() => post<{ state: TextRow['state'] }>(`texts/${text.id}/${path}`, body))
    if (answer) onMoved(answer.state)
  }
  return (
    <div className="mail-fate">
      <span className={`mail-state ${lookOf(text.state)}`} role="status">
        {stateOf(text.state)}
      </span>
      {text.why && <span className="soft">{text.why}</span>}
      {decides && text.state === 'unknown' && (
        <button type="button" className="button" onClick={() => void move('arrived', {})}>
          It arrived
        </button>
      )}
      {decides && mayRetry(text) && (
        <button
          type="button"
          className="button"
          onClick={() => (text.state === 'unknown' ? setAsking(true) : void move('retry', { sure: false }))}
        >
          {text.state === 'held' ? 'Send it' : 'Send it again'}
        </button>
      )}
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
      {asking && (
        <Dialog title="Send it though it may have arrived?" onClose={() => setAsking(false)}>
          <p>
            The provider was given this text, and nobody read its answer. It may be on the reader’s phone already. If
            you can, ask them first, or look at the provider’s message log. Sent again, it may be there twice.
          </p>
          <div className="save-bar">
            <button type="button" className="button" onClick={() => setAsking(false)}>
              Leave it
            </button>
            <button type="button" className="button primary" onClick={() => void move('retry', { sure: true })}>
              Send it again
            </button>
          </div>
        </Dialog>
      )}
    </div>
  )
}
