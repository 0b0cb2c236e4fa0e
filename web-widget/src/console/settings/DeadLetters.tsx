/** What was tried in vain to the end: what it was, why, since when, and another try. */
import { useCallback, useState } from 'react'
import { Again, Done } from '../../design/icons'
import { Icon } from '../Icon'
import { moment } from '../when'
import { causeOf, type DeadLetter, kindOf, type DeadLetters as Letters, type Retried, triedOf } from './dead-letters'
import { Here, LookAgain, Older, Page } from './frame'
import './letters.css'
import { useLoaded, useOlder } from './loading'
import { explain, useApi } from './session'

/** How another try stands; `failed` with the reason. */
type Try = { state: 'asked' | 'going' } | { state: 'failed'; why: string }

export default function DeadLetters() {
  const { get, post } = useApi()
  const load = useCallback(() => get<Letters>('dead-letters'), [get])
  const letters = useLoaded(load)
  const [tries, setTries] = useState<Readonly<Record<string, Try>>>({})
  const mark = (id: string, now: Try) => setTries(all => ({ ...all, [id]: now }))
  const retry = async (id: string) => {
    mark(id, { state: 'asked' })
    try {
      await post<Retried>(`dead-letters/${id}/retry`, {})
      mark(id, { state: 'going' })
    } catch (error) {
      mark(id, { state: 'failed', why: explain(error) })
    }
  }
  const older = useOlder(letters, cursor => get<Letters>(`dead-letters?cursor=${cursor}`))
  return (
    <Page
      title="Dead letters"
      words="What was tried in vain to the end. Nothing of it is lost: each can be sent on its way again."
      action={<LookAgain onLook={letters.again} />}
    >
      <Here
        of={letters}
        empty={{
          when: page => page.items.length === 0,
          words:
            'Everything went out. A notification or a webhook that is refused again and again, for hours, appears here with its reason.',
        }}
      >
        {page => (
          <>
            <ul className="letters">
              {page.items.map(one => (
                <Letter key={one.id} letter={one} at={tries[one.id] ?? null} onRetry={() => void retry(one.id)} />
              ))}
            </ul>
            <Older cursor={page.cursor} {...older}>
              <span className="soft small">
                {page.items.length} of {page.total}
              </span>
            </Older>
          </>
        )}
      </Here>
    </Page>
  )
}

function Letter({ letter, at, onRetry }: { letter: DeadLetter; at: Try | null; onRetry(): void }) {
  const going = at !== null && at.state !== 'failed'
  return (
    <li className="letter">
      <div className="letter-what">
        <strong>{kindOf(letter)}</strong>
        <p className="soft small">
          {causeOf(letter)}, {triedOf(letter)}, since{' '}
          <time dateTime={letter.created_at}>{moment(letter.created_at)}</time>
        </p>
        {letter.conversation && (
          <a className="small" href={`#/c/${letter.conversation}`}>
            Open the conversation
          </a>
        )}
        {at?.state === 'failed' && (
          <p className="fault" role="alert">
            {at.why}
          </p>
        )}
      </div>
      <div role="status" className="letter-do">
        {going ? (
          <span className="chip good">
            <Icon of={Done} size={14} /> On its way again
          </span>
        ) : (
          <button type="button" className="button" onClick={onRetry}>
            <Icon of={Again} size={16} /> Try again<span className="unseen">: {kindOf(letter)}</span>
          </button>
        )}
      </div>
    </li>
  )
}
