/** Ask the assistant: a question, what was found, what it proposes, and the places where a person does it. Before the first question: what
 *  waits, and what is done step by step. */
import { type FormEvent, useCallback, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { Send } from '../../design/icons'
import { Markdown } from '../../text/markdown'
import { Icon } from '../Icon'
import { useLoaded } from '../settings/loading'
import { explain, useApi } from '../settings/session'
import {
  type Alerts,
  type Answer,
  answerOf,
  type Deed,
  EXAMPLES,
  type Guide,
  type GuideOffer,
  LONGEST,
  type Proposal,
  settled,
} from './asking'
import { Checklist } from './Checklist'
import { DeedCard } from './DeedCard'
import { Lines, Waits } from './Lines'
import { Report } from './Report'
import './assistant.css'

/** The newest question with its answer; it stands while one looks at what was found. */
export interface Exchange {
  question: string
  answer: Answer
}

interface Props {
  /** The conversation that is open behind it. */
  conversation: string | null
  waits: Alerts | null
  last: Exchange | null
  onAnswered(exchange: Exchange | null): void
  /** They have heard enough of one of those that wait. */
  onDismiss(key: string): void
  onGo(action: Proposal): void
  onClose(): void
}

export default function Assistant({ conversation, waits, last, onAnswered, onDismiss, onGo, onClose }: Props) {
  const api = useApi()
  const box = useRef<HTMLDialogElement>(null)
  const field = useRef<HTMLInputElement>(null)
  const after = useRef<(() => void) | null>(null)
  const asked = useRef(0)
  const [question, setQuestion] = useState('')
  const [pending, setPending] = useState<string | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  const title = useId()
  useEffect(() => {
    box.current?.showModal()
    field.current?.focus()
    return () => {
      asked.current = -1
    }
  }, [])
  const ask = async (text: string) => {
    const wanted = text.trim()
    if (!wanted || pending) return
    asked.current += 1
    const mine = asked.current
    setPending(wanted)
    setFault(null)
    try {
      const answer = await api.post<Answer>('assistant', { question: wanted, ...(conversation && { conversation }) })
      if (mine !== asked.current) return
      onAnswered({ question: wanted, answer })
      setQuestion('')
    } catch (error) {
      if (mine === asked.current) setFault(explain(error))
    } finally {
      if (mine === asked.current) {
        setPending(null)
        field.current?.focus()
      }
    }
  }
  const change = (to: (answer: Answer) => Answer) => last && onAnswered({ ...last, answer: to(last.answer) })
  const choose = async ({ guide, title }: GuideOffer) => {
    setFault(null)
    try {
      const shown = await api.post<Guide>('assistant/guides', { guide, ...(conversation && { conversation }) })
      onAnswered({ question: title, answer: answerOf(shown) })
    } catch (error) {
      setFault(explain(error))
    }
  }
  /** What was settled is shown so, and a guide's steps may have been done by it. */
  const settle = async (deed: Deed) => {
    change(answer => settled(answer, deed))
    const guide = last?.answer.guide
    if (!guide?.conversation || deed.state !== 'done') return
    const about = { guide: guide.guide, conversation: guide.conversation }
    const now = await api.post<Guide>('assistant/guides', about).catch(() => guide)
    change(answer => ({ ...settled(answer, deed), guide: now }))
  }
  const dismiss = async (key: string) => {
    try {
      await api.post('alerts/dismiss', { key })
      onDismiss(key)
    } catch (error) {
      setFault(explain(error))
    }
  }
  const submit = (e: FormEvent) => {
    e.preventDefault()
    void ask(question)
  }
  const leave = (then: () => void) => {
    after.current = then
    box.current?.close()
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a press beside it closes it, as Escape does
    <dialog
      ref={box}
      className="dialog assistant"
      aria-labelledby={title}
      onClose={() => {
        onClose()
        // The focus is back where it was; now the action may move it.
        after.current?.()
      }}
      onClick={e => e.target === box.current && box.current.close()}
    >
      <header className="assistant-head">
        <h2 id={title}>Ask the assistant</h2>
        <p className="soft small">It looks things up, and does nothing before you say yes.</p>
      </header>
      <form className="assistant-ask" onSubmit={submit}>
        <input
          ref={field}
          aria-label="Your question"
          placeholder="What is on tomorrow? Find Ana. Who has not paid?"
          maxLength={LONGEST}
          autoComplete="off"
          enterKeyHint="send"
          value={question}
          onChange={e => setQuestion(e.target.value)}
        />
        <button type="submit" className="button primary" disabled={pending !== null || !question.trim()}>
          <Icon of={Send} size={16} /> Ask
        </button>
      </form>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys too */}
      <section className="assistant-body" aria-label="What was found" tabIndex={0}>
        <div role="status">
          {pending && <p className="assistant-pending">Looking: {pending}</p>}
          {fault && !pending && <p className="fault">{fault}</p>}
          {last && !pending && !fault && <Told exchange={last} />}
        </div>
        {last && !pending && (
          <>
            {last.answer.proposals.map(deed => (
              <DeedCard
                key={deed.id}
                deed={deed}
                first={deed === last.answer.proposals.find(one => one.state === 'proposed')}
                onSettled={now => void settle(now)}
              />
            ))}
            {last.answer.guide && (
              <Checklist
                guide={last.answer.guide}
                onGuide={guide => change(answer => ({ ...answer, guide }))}
                onProposed={deeds => change(answer => deeds.reduce(settled, answer))}
                onFollow={() => box.current?.close()}
              />
            )}
            {last.answer.tables.map(table => (
              <Report key={table.report} table={table} onFollow={() => box.current?.close()} />
            ))}
            <Proposals
              quiet={last.answer.proposals.length > 0}
              actions={last.answer.actions}
              onGo={action => leave(() => onGo(action))}
            />
            <Lines rows={last.answer.rows} onFollow={() => box.current?.close()} />
            <p className="assistant-back">
              <button type="button" className="link soft small" onClick={() => onAnswered(null)}>
                Show what waits
              </button>
            </p>
          </>
        )}
        {!last && !pending && (
          <>
            <fieldset className="assistant-examples" aria-label="Examples">
              {EXAMPLES.map(example => (
                <button key={example} type="button" className="button" onClick={() => void ask(example)}>
                  {example}
                </button>
              ))}
            </fieldset>
            <Waits waits={waits} onFollow={() => box.current?.close()} onDismiss={key => void dismiss(key)} />
            <Guides onChoose={offer => void choose(offer)} />
          </>
        )}
      </section>
      <form method="dialog" className="actions">
        <button type="submit" className="button">
          Close
        </button>
      </form>
    </dialog>
  )
}

function Told({ exchange: { question, answer } }: { exchange: Exchange }) {
  const root = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (!root.current) return
    root.current.replaceChildren()
    new Markdown(root.current).show(answer.answer, true)
  }, [answer])
  return (
    <>
      <h3 className="assistant-question">{question}</h3>
      <div ref={root} className="text assistant-answer" />
    </>
  )
}

function Guides({ onChoose }: { onChoose(offer: GuideOffer): void }) {
  const api = useApi()
  const load = useCallback(() => api.get<{ items: GuideOffer[] }>('assistant/guides'), [api])
  const { value } = useLoaded(load)
  if (!value) return null
  return (
    <fieldset className="assistant-examples" aria-label="Step by step">
      <legend className="small">Step by step</legend>
      {value.items.map(offer => (
        <button key={offer.guide} type="button" className="button" onClick={() => onChoose(offer)}>
          {offer.title}
        </button>
      ))}
    </fieldset>
  )
}

interface ProposalsProps {
  actions: readonly Proposal[]
  /** Something that may be said yes to stands before them. */
  quiet: boolean
  onGo(action: Proposal): void
}

function Proposals({ actions, quiet, onGo }: ProposalsProps) {
  if (actions.length === 0) return null
  return (
    <div className="actions start">
      {actions.map(action => (
        <button
          key={`${action.kind} ${action.target}`}
          type="button"
          className={`button ${quiet ? '' : 'primary'} proposal`}
          onClick={() => onGo(action)}
        >
          {action.label}
        </button>
      ))}
    </div>
  )
}
