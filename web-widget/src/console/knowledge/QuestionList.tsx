/** What customers asked and nothing was found for: answered by writing it down, or ignored. */
import { useCallback, useState } from 'react'
import { useNow } from '../hooks'
import { Here, Older, Saved } from '../settings/frame'
import { useLoaded, useOlder, useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { ago } from '../when'
import { Write } from './Adding'
import { languageName, often, type Question, type QuestionState, type Questions } from './knowledge'

const STATES = [
  [
    'open',
    'Open',
    'Every question found an answer so far. One that does not appears here, with how often it was asked.',
  ],
  ['answered', 'Answered', 'Nothing was answered yet. Write the answer to an open question, and it moves here.'],
  ['ignored', 'Ignored', 'Nothing was ignored.'],
] as const

export function QuestionList({ chief, onChanged }: { chief: boolean; onChanged(): void }) {
  const { get } = useApi()
  const [state, setState] = useState<QuestionState>('open')
  const load = useCallback(() => get<Questions>(`questions?state=${state}`), [get, state])
  const all = useLoaded(load)
  const changed = () => {
    all.again()
    onChanged()
  }
  const older = useOlder(all, before => get<Questions>(`questions?state=${state}&before=${encodeURIComponent(before)}`))
  return (
    <>
      <fieldset className="views knowledge-states" aria-label="How they stand">
        {STATES.map(([one, title]) => (
          <button key={one} type="button" className="view" aria-pressed={one === state} onClick={() => setState(one)}>
            {title} <span className="tally">{all.value?.counts[one] ?? ''}</span>
          </button>
        ))}
      </fieldset>
      <Here
        of={all}
        empty={{ when: page => page.items.length === 0, words: STATES.find(([one]) => one === state)?.[2] ?? '' }}
      >
        {page => (
          <>
            <ul className="questions">
              {page.items.map(question => (
                <Row key={question.id} question={question} state={state} chief={chief} onChanged={changed} />
              ))}
            </ul>
            <Older cursor={page.before} {...older} />
          </>
        )}
      </Here>
    </>
  )
}

interface RowProps {
  question: Question
  state: QuestionState
  chief: boolean
  onChanged(): void
}

function Row({ question, state, chief, onChanged }: RowProps) {
  const now = useNow()
  return (
    <li className="question">
      <div className="question-what">
        <p lang={question.language}>{question.question}</p>
        <p className="soft small">
          {often(question.times)}, <time dateTime={question.last_at}>{ago(question.last_at, now)}</time> ·{' '}
          {languageName(question.language)} · <a href={`#/c/${question.conversation}`}>Open conversation</a>
        </p>
        {question.nearest && <p className="soft small">The nearest there is: {question.nearest}</p>}
      </div>
      {chief && <Verbs question={question} state={state} onChanged={onChanged} />}
    </li>
  )
}

function Verbs({ question, state, onChanged }: Omit<RowProps, 'chief'>) {
  const { post } = useApi()
  const saving = useSaving()
  const [writing, setWriting] = useState(false)
  const settle = async (to: QuestionState) => {
    if (await saving.run(() => post(`questions/${question.id}/settle`, { state: to }))) onChanged()
  }
  return (
    <div className="question-do">
      {state === 'open' ? (
        <>
          <button type="button" className="button" onClick={() => setWriting(true)}>
            Write the answer
          </button>
          <button type="button" className="button quiet" onClick={() => void settle('ignored')}>
            Ignore
          </button>
        </>
      ) : (
        <button type="button" className="button quiet" onClick={() => void settle('open')}>
          Open again
        </button>
      )}
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
      {writing && <Write question={question} onDone={onChanged} onClose={() => setWriting(false)} />}
    </div>
  )
}
