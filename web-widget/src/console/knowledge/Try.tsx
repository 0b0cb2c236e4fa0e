/** What a question would find, by its words and by its meaning; and the indexes that it is found by. */
import { useState } from 'react'
import { SearchIcon } from '../../design/icons'
import { Icon } from '../Icon'
import { Field, Form, Saved } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { For, given } from './Adding'
import { IndexesBlock } from './IndexesBlock'
import type { Tried, TriedAnswer } from './knowledge'
import { Read } from './Pieces'

const ASKED_BY = { everyone: 'A customer', staff: 'Staff' }

export function Try({ chief }: { chief: boolean }) {
  const { get } = useApi()
  const asking = useSaving()
  const [found, setFound] = useState<TriedAnswer | null>(null)
  const ask = async (data: FormData) => {
    const query = new URLSearchParams(given(data, 'question', 'language', 'audience'))
    const answer = await asking.run(() => get<TriedAnswer>(`corpus/search?${query}`))
    if (answer) setFound(answer)
  }
  return (
    <>
      <Form className="settings-form block" onSend={data => void ask(data)}>
        <Field label="Question" hint="As a customer would put it.">
          <input name="question" required maxLength={1000} />
        </Field>
        <For label="Asked by" names={ASKED_BY} />
        <div className="save-bar">
          <button type="submit" className="button primary" disabled={asking.at.state === 'saving'}>
            <Icon of={SearchIcon} size={16} /> See what is found
          </button>
          {asking.at.state === 'failed' && <Saved at={asking.at} />}
        </div>
      </Form>
      <div aria-live="polite">{found && <Result found={found} />}</div>
      <IndexesBlock chief={chief} />
    </>
  )
}

function Result({ found }: { found: TriedAnswer }) {
  if (found.passages.length === 0)
    return <p className="blank">Nothing is found. A customer would be told that the assistant does not know.</p>
  const cited = found.passages.some(passage => passage.cited)
  return (
    <section className="tried-part" aria-label="What is found">
      <p className="soft small">
        {cited
          ? 'The assistant would answer from what is marked.'
          : 'Nothing of this is near enough: the assistant would say that it does not know.'}
        {found.by === 'words' && ' Found by words alone: no vectors were to be had just now.'}
      </p>
      <ol className="tried">
        {found.passages.map(passage => (
          <One key={passage.id} passage={passage} />
        ))}
      </ol>
    </section>
  )
}

function One({ passage }: { passage: Tried }) {
  const { by_words, by_meaning, similarity } = passage
  return (
    <li className={passage.cited ? 'cited' : ''}>
      <p className="tried-head">
        <a href={`#/knowledge/documents/${passage.document}`}>{passage.title}</a>
        {passage.heading && <span className="soft">{passage.heading}</span>}
      </p>
      <p className="tried-ranks">
        {passage.cited && <span className="chip person">Would be cited</span>}
        <span className="chip">{by_words ? `By words: #${by_words}` : 'Not by its words'}</span>
        <span className="chip">{by_meaning ? `By meaning: #${by_meaning}` : 'Not by its meaning'}</span>
        {similarity !== undefined && <span className="chip">Nearness {similarity.toFixed(2)}</span>}
        {!passage.sayable && <span className="chip held">Nothing of it may be said to a customer</span>}
      </p>
      <Read text={passage.reads} />
    </li>
  )
}
