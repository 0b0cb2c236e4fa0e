/** Ask the assistant: a question, what was found, and the places where a person does it. Before the first question: what waits. */
import { type FormEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { Send } from '../../design/icons'
import { Markdown } from '../../text/markdown'
import { Icon } from '../Icon'
import { explain, useApi } from '../settings/session'
import { type Alerts, type Answer, EXAMPLES, type Found, LONGEST, type Proposal, TITLES, within } from './asking'
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
  onGo(action: Proposal): void
  onClose(): void
}

export default function Assistant({ conversation, waits, last, onAnswered, onGo, onClose }: Props) {
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
        <p className="soft small">It looks things up and changes nothing.</p>
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
            <Proposals actions={last.answer.actions} onGo={action => leave(() => onGo(action))} />
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
            <Waits waits={waits} onFollow={() => box.current?.close()} />
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

function Proposals({ actions, onGo }: { actions: readonly Proposal[]; onGo(action: Proposal): void }) {
  if (actions.length === 0) return null
  return (
    <div className="actions start">
      {actions.map(action => (
        <button
          key={`${action.kind} ${action.target}`}
          type="button"
          className="button primary proposal"
          onClick={() => onGo(action)}
        >
          {action.label}
        </button>
      ))}
    </div>
  )
}

function Lines({ rows, onFollow }: { rows: readonly Found[]; onFollow(): void }) {
  if (rows.length === 0) return null
  return (
    <ul className="found">
      {rows.map(row => {
        const link = within(row.link)
        const inside = (
          <>
            <span className="found-title">{row.title}</span>
            <span className="soft small">{row.detail}</span>
          </>
        )
        return (
          <li key={`${row.link} ${row.title} ${row.detail}`}>
            {link ? (
              <a href={link} onClick={onFollow}>
                {inside}
              </a>
            ) : (
              <p>{inside}</p>
            )}
          </li>
        )
      })}
    </ul>
  )
}

function Waits({ waits, onFollow }: { waits: Alerts | null; onFollow(): void }) {
  if (!waits) return null
  if (waits.items.length === 0)
    return <p className="soft">Nothing waits: deposits, leads and handoffs are looked after.</p>
  const counts = {
    handoff: waits.handoffs,
    unpaid: waits.unpaid,
    lead: waits.leads,
    dead_letters: waits.dead_letters ?? 0,
    emails: waits.emails ?? 0,
    shadows: waits.shadows ?? 0,
  }
  return TITLES.filter(({ kind }) => counts[kind] > 0).map(({ kind, title }) => (
    <section key={kind} className="waits" aria-labelledby={`waits-${kind}`}>
      <h3 id={`waits-${kind}`}>
        {title} <span className="tally">{counts[kind]}</span>
      </h3>
      <Lines rows={waits.items.filter(item => item.kind === kind)} onFollow={onFollow} />
    </section>
  ))
}
