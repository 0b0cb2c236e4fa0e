/** One of the two answers of a pair: its words, those marked that the other lacks; its facts; how fast, how dear; what it had called. */
import { Fragment } from 'react'
import { dollars, took } from '../figures'
import type { Stretch } from './diff'
import { callOf, factsOf, text } from './facts'
import { type Call, type Pair, type Side, STATES } from './shadows'

interface Props {
  pair: Pair
  of: 'primary' | 'candidate'
  stretches: readonly Stretch[]
  blind: boolean
}

export function Answer({ pair, of, stretches, blind, letter }: Props & { letter: string }) {
  const side = of === 'primary' ? pair.primary : pair.shadow
  const title = titleOf(of, letter, blind)
  return (
    <section className="block shadow-answer" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {!blind && <p className="soft small">{figuresOf(side)}</p>}
      </header>
      <Said pair={pair} of={of} side={side} stretches={stretches} />
      <Only pair={pair} of={of} />
      <Calls calls={side.calls} blind={blind} />
    </section>
  )
}

function titleOf(of: 'primary' | 'candidate', letter: string, blind: boolean): string {
  if (blind) return `Answer ${letter}`
  return of === 'primary' ? 'What the customer got' : 'What the candidate said'
}

/** "teacher · first token after 320 ms, all after 1.4 s · $0.0021" */
function figuresOf({ model, first_token_ms, duration_ms, cost_microdollars }: Side): string {
  const speed = [
    first_token_ms === undefined ? '' : `first token after ${took(first_token_ms)}`,
    duration_ms === undefined ? '' : `all after ${took(duration_ms)}`,
  ]
  const cost = cost_microdollars === undefined ? '' : dollars(cost_microdollars)
  return [model, speed.filter(Boolean).join(', '), cost].filter(Boolean).join(' · ')
}

function Said({
  pair,
  of,
  side,
  stretches,
}: {
  pair: Pair
  of: Props['of']
  side: Side
  stretches: readonly Stretch[]
}) {
  if (of === 'candidate' && pair.state !== 'done') {
    const why = pair.error ? `: ${pair.error.replaceAll('_', ' ')}` : ''
    return (
      <p className="soft">
        No answer. {STATES[pair.state]}
        {why}.
      </p>
    )
  }
  if (side.text === undefined) return <p className="soft">These words are not kept any more; the figures are.</p>
  if (side.text === '') return <p className="soft">No words.</p>
  let at = 0
  return (
    <p className="plain shadow-words">
      {stretches.map(one => {
        const key = at
        at += one.text.length
        if (!one.only) return <span key={key}>{one.text}</span>
        const words = one.text.trimEnd()
        return (
          <Fragment key={key}>
            <mark>{words}</mark>
            {one.text.slice(words.length)}
          </Fragment>
        )
      })}
    </p>
  )
}

/** Amounts, dates, tools, a handoff that the other answer does not have, each with what it is. */
function Only({ pair, of }: { pair: Pair; of: Props['of'] }) {
  const facts = factsOf(pair.agreement, of)
  if (facts.length === 0) return null
  return (
    <div className="shadow-only">
      <h3>Only here</h3>
      <ul>
        {facts.map(fact => (
          <li key={`${fact.kind} ${fact.text}`}>
            <span className="chip shadow-differs">{fact.name}</span> {fact.text}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Blind without results: only what was really called has any. */
function Calls({ calls, blind }: { calls: readonly Call[]; blind: boolean }) {
  if (calls.length === 0) return null
  return (
    <div className="shadow-calls">
      <h3>Tools</h3>
      <ul>
        {calls.map((call, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes, and the same call may stand in it twice
          <li key={n}>
            <code>{callOf(call.name, call.arguments)}</code>
            {!blind && call.recorded === false && <span className="chip shadow-differs">no result was recorded</span>}
            {!blind && <Result of={call} />}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Result({ of }: { of: Call }) {
  if (of.error !== undefined) return <span className="soft small">refused: {text(of.error)}</span>
  if (of.data === undefined) return null
  return (
    <details>
      <summary className="small">Result</summary>
      <pre className="small">{JSON.stringify(of.data, null, 2)}</pre>
    </details>
  )
}
