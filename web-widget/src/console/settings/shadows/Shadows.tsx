/** Shadows: candidates that silently answer the same turns. What their answers come to, and the answers themselves beside the others. */
import { useCallback, useState } from 'react'
import { dollars } from '../figures'
import { Block, Here, LookAgain, Page } from '../frame'
import { useLoaded } from '../loading'
import type { PageProps } from '../registry'
import { useApi } from '../session'
import { CandidateFigures } from './CandidateFigures'
import { PairPage } from './PairPage'
import { Filters, Pairs } from './Pairs'
import { type Queue, useQueue } from './queue'
import './shadows.css'
import {
  type AllFigures,
  candidatesOf,
  FIRST,
  type Figures,
  type Filter,
  figuresQuestion,
  LIVE,
  near,
  type Pair,
  runOf,
  SPANS,
  share,
  without,
} from './shadows'

export default function Shadows({ item }: PageProps) {
  const { get } = useApi()
  const [chosen, setFilter] = useState<Filter>(FIRST)
  const asked = figuresQuestion(chosen)
  const load = useCallback(() => get<AllFigures>(asked), [get, asked])
  const all = useLoaded(load)
  const known = all.value ? candidatesOf(all.value) : []
  const filter = { ...chosen, candidate: chosen.candidate || (known[0] ?? '') }
  const queue = useQueue(filter)
  const change = useCallback((more: Partial<Filter>) => setFilter(now => ({ ...now, ...more })), [])
  // Whoever comes by a pair's address goes on among the pairs of its candidate.
  const shown = useCallback(
    ({ candidate, run }: Pair) => setFilter(now => (now.candidate ? now : { ...now, candidate, run })),
    [],
  )
  if (item) return <PairPage id={item} queue={queue} onShown={shown} />
  return (
    <div className="wide-page shadow-page">
      <Page
        title="Shadows"
        words="Candidates silently answer what customers asked. Nobody sees that but you: here it stands beside what the customer got."
        action={<LookAgain onLook={all.again} />}
      >
        <Here of={all} empty={{ when: nobody, words: <Nobody /> }}>
          {figures => <Overview figures={figures} names={known} filter={filter} queue={queue} onChange={change} />}
        </Here>
      </Page>
    </div>
  )
}

function nobody(figures: AllFigures): boolean {
  return candidatesOf(figures).length === 0 && figures.runs.length === 0
}

/** What a shadow is, and how to have one. */
function Nobody() {
  return (
    <>
      <p>
        A shadow is a model that gets the same questions as the one that answers, with the same history and the same
        results of tools, and whose answers nobody sees: no tool is called for it, and no customer waits for it. Here
        you compare both before you let it speak.
      </p>
      <p>
        Name one of your models as a candidate on the page <a href="#/settings/models">Models</a>, or in hibachi.toml:
      </p>
      <pre className="shadow-example">
        <code>
          {
            '[[ensemble.shadows]]\nmodel = "student"    # the name of one of your [[models]]\nsample = 0.5         # half of the turns'
          }
        </code>
      </pre>
      <p>
        Or ask it what was answered already: <code>hibachi shadow replay --model student --last 500</code>
      </p>
    </>
  )
}

interface OverviewProps {
  figures: AllFigures
  names: readonly string[]
  filter: Filter
  queue: Queue
  onChange(change: Partial<Filter>): void
}

function Overview({ figures, names, filter, queue, onChange }: OverviewProps) {
  const intents = [...new Set(queue.items.map(one => one.intent).concat(filter.intent || []))].sort()
  return (
    <>
      <Span figures={figures} filter={filter} onChange={onChange} />
      <fieldset className="shadow-tabs">
        <legend className="unseen">Candidates</legend>
        {names.map(name => (
          <Tab
            key={name}
            name={name}
            of={figures.candidates.find(one => one.candidate === name)}
            answers={figures.configured.includes(name)}
            chosen={name === filter.candidate}
            onChoose={() => onChange({ candidate: name, intent: '' })}
          />
        ))}
      </fieldset>
      <CandidateFigures filter={filter} onIntent={intent => onChange({ intent })} />
      <Block title="Pairs" words="What the customer got beside what the candidate said. Say which is better.">
        <Filters filter={filter} intents={intents} onChange={onChange} />
        <Pairs queue={queue} filter={filter} />
      </Block>
    </>
  )
}

function Span({ figures, filter, onChange }: Pick<OverviewProps, 'figures' | 'filter' | 'onChange'>) {
  const runs = [...new Set([LIVE, ...figures.runs, filter.run])]
  return (
    <div className="shadow-span">
      <fieldset className="views">
        <legend className="unseen">Days</legend>
        {SPANS.map(days => (
          <button
            key={days}
            type="button"
            className="view"
            aria-pressed={days === filter.days}
            onClick={() => onChange({ days })}
          >
            {days} days
          </button>
        ))}
      </fieldset>
      {runs.length > 1 && (
        <label className="labelled">
          Of
          <select value={filter.run} onChange={e => onChange({ run: e.target.value })}>
            {runs.map(run => (
              <option key={run} value={run}>
                {runOf(run)}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  )
}

interface TabProps {
  name: string
  of: Figures | undefined
  answers: boolean
  chosen: boolean
  onChoose(): void
}

function Tab({ name, of, answers, chosen, onChoose }: TabProps) {
  return (
    <button type="button" className="shadow-tab" aria-pressed={chosen} onClick={onChoose}>
      <strong>{name}</strong>
      {!answers && <span className="chip">does not answer now</span>}
      {of ? <Key of={of} /> : <span className="soft small">No pair in these days yet.</span>}
    </button>
  )
}

function Key({ of }: { of: Figures }) {
  const figures: readonly (readonly [string, string])[] = [
    ['pairs', String(of.pairs)],
    ['same facts', share(of.agreement.all)],
    ['similar', near(of.similarity_mean)],
    ['spent', dollars(of.cost_microdollars)],
  ]
  const missing = without(of)
  return (
    <>
      <span className="shadow-key">
        {figures.map(([label, value]) => (
          <span key={label}>
            <b>{value}</b> <span className="soft small">{label}</span>
          </span>
        ))}
      </span>
      {missing && <span className="soft small">{missing}</span>}
    </>
  )
}
