/** One pair side by side: what the customer got and what the candidate would have said; a key says which is better, and the next comes. */
import { useCallback, useEffect, useId, useRef, useState } from 'react'
import { Here, Page, Saved } from '../frame'
import { useLoaded, useSaving } from '../loading'
import { useApi } from '../session'
import { Answer } from './Answer'
import { differences } from './diff'
import { verdicts } from './facts'
import { type Judged, meant, neighbour, placeOf } from './judging'
import { usePairKeys } from './keys'
import { hrefOf } from './Pairs'
import type { Queue } from './queue'
import { BETTER, intentOf, LIVE, near, type Pair, type Preference, runOf } from './shadows'

interface Props {
  id: string
  queue: Queue
  onShown(pair: Pair): void
}

export function PairPage({ id, queue, onShown }: Props) {
  const { get } = useApi()
  const load = useCallback(() => get<Pair>(`shadows/${id}`), [get, id])
  const loaded = useLoaded(load)
  // While the next one comes, the one before must not be taken for it.
  const pair = loaded.value?.id === id ? loaded.value : null
  const [blind, setBlind] = useState(false)
  const judging = useJudging(id, pair, queue, loaded.change)
  const top = useRef<HTMLDivElement>(null)
  const candidate = placeOf(id, blind)
  // biome-ignore lint/correctness/useExhaustiveDependencies: every pair is read from its top
  useEffect(() => {
    top.current?.closest('.settings-page')?.scrollTo(0, 0)
  }, [id])
  useEffect(() => {
    if (pair) onShown(pair)
  }, [pair, onShown])
  usePairKeys({
    step: by => go(neighbour(queue.items, id, by)),
    judge: key => void judging.judge(meant(key, candidate)),
    undo: () => void judging.undo(),
  })
  return (
    <div className="wide-page shadow-pair" ref={top}>
      <Page
        title="Pair"
        words={pair ? wordsOf(pair, blind) : 'The same question, answered twice.'}
        back={{ href: '#/settings/shadows', label: 'Shadows' }}
        action={
          <label className="shadow-blind">
            <input type="checkbox" checked={blind} onChange={e => setBlind(e.target.checked)} /> Blind: hide who said
            what
          </label>
        }
      >
        <Here of={{ ...loaded, value: pair }}>{found => <Shown pair={found} blind={blind} />}</Here>
        <Judge pair={pair} blind={blind} queue={queue} judging={judging} />
      </Page>
    </div>
  )
}

function go(to: string | null): void {
  if (to) location.hash = hrefOf(to)
}

function wordsOf(pair: Pair, blind: boolean): string {
  const who = blind ? '' : `${pair.candidate} beside ${pair.primary.model || 'what the customer got'}. `
  const where = pair.run === LIVE ? '' : ` ${runOf(pair.run)}.`
  return `${who}${intentOf(pair.intent)}, agent ${pair.agent}${pair.channel ? `, ${pair.channel}` : ''}.${where}`
}

interface Judging {
  at: ReturnType<typeof useSaving>['at']
  can: boolean
  /** What was said last, to be heard; null before anything was. */
  said: string | null
  past: readonly Judged[]
  judge(preference: Preference): Promise<void>
  undo(): Promise<void>
}

/** Says which answer is better, takes that back, and goes to the next that nobody judged. */
function useJudging(id: string, pair: Pair | null, queue: Queue, change: (to: (pair: Pair) => Pair) => void): Judging {
  const { put } = useApi()
  const { at, run } = useSaving()
  const [past, setPast] = useState<readonly Judged[]>([])
  const [said, setSaid] = useState<string | null>(null)
  const can = pair !== null && pair.state === 'done' && pair.primary.text !== undefined
  const tell = async (whom: string, preference: Preference | null) => {
    const answer = await run(() => put<Pair>(`shadows/${whom}/preference`, { preference }))
    if (!answer) return false
    queue.mark(whom, preference)
    if (whom === id) change(() => answer)
    return true
  }
  const judge = async (preference: Preference) => {
    const before = pair?.preference ?? null
    if (!can || !(await tell(id, preference))) return
    setPast(all => [...all, { id, before }])
    const next = await queue.following(id, preference)
    setSaid(next ? 'Kept. Here is the next.' : 'Kept. Every pair of this list is judged.')
    go(next)
  }
  const undo = async () => {
    const last = past.at(-1)
    if (!last || !(await tell(last.id, last.before))) return
    setPast(all => all.slice(0, -1))
    setSaid('Taken back.')
    go(last.id)
  }
  return { at, can, said, past, judge, undo }
}

function Shown({ pair, blind }: { pair: Pair; blind: boolean }) {
  const candidate = placeOf(pair.id, blind)
  const [primaryText, shadowText] = differences(pair.primary.text ?? '', pair.shadow.text ?? '')
  const order = candidate === 'right' ? (['primary', 'candidate'] as const) : (['candidate', 'primary'] as const)
  return (
    <>
      <section className="block" aria-label="The customer asked">
        <header>
          <h2>The customer asked</h2>
        </header>
        <p className="plain">{pair.question ?? 'What was asked is not kept any more.'}</p>
        <Verdicts pair={pair} />
        <p className="small">
          <a href={`#/c/${pair.conversation}`}>Open conversation</a>
        </p>
      </section>
      <div className="shadow-sides">
        {order.map((of, n) => (
          <Answer
            key={of}
            pair={pair}
            of={of}
            stretches={of === 'primary' ? primaryText : shadowText}
            blind={blind}
            letter={n === 0 ? 'A' : 'B'}
          />
        ))}
      </div>
      {!blind && pair.critic && (
        <p className="soft small">
          The critic says: {BETTER[pair.critic].toLowerCase()}.{pair.critic_why && ` ${pair.critic_why}`}
        </p>
      )}
    </>
  )
}

function Verdicts({ pair }: { pair: Pair }) {
  const found = verdicts(pair.agreement)
  if (found.length === 0 && pair.similarity === undefined) return null
  return (
    <p className="shadow-verdicts">
      {pair.similarity !== undefined && <span className="chip">Similar {near(pair.similarity)}</span>}
      {found.map(({ kind, agrees }) => (
        <span key={kind} className={agrees ? 'chip' : 'chip shadow-differs'}>
          {agrees ? 'Same' : 'Other'} {kind}
        </span>
      ))}
    </p>
  )
}

interface JudgeProps {
  pair: Pair | null
  blind: boolean
  queue: Queue
  judging: Judging
}

/** What the keys do, as buttons: on a phone they are the keys. */
function Judge({ pair, blind, queue, judging }: JudgeProps) {
  const hint = useId()
  const candidate = pair ? placeOf(pair.id, blind) : 'right'
  const place = queue.items.findIndex(one => one.id === pair?.id)
  const choices = (['1', '0', '2'] as const).map(key => ({ key, preference: meant(key, candidate) }))
  return (
    <div className="shadow-judge">
      <fieldset className="shadow-choices" aria-describedby={hint}>
        <legend className="unseen">Which answer is better?</legend>
        {choices.map(({ key, preference }) => (
          <button
            key={key}
            type="button"
            className="button"
            aria-keyshortcuts={key}
            aria-pressed={pair?.preference === preference}
            disabled={!judging.can}
            onClick={() => void judging.judge(preference)}
          >
            <kbd>{key}</kbd> {key === '0' ? 'Equal' : better(key, preference, blind)}
          </button>
        ))}
      </fieldset>
      <div className="shadow-steps">
        <button
          type="button"
          className="button quiet"
          aria-keyshortcuts="u"
          disabled={judging.past.length === 0}
          onClick={() => void judging.undo()}
        >
          <kbd>u</kbd> Undo
        </button>
        <Step by={-1} queue={queue} id={pair?.id ?? null} />
        <Step by={1} queue={queue} id={pair?.id ?? null} />
      </div>
      <p className="soft small" role="status">
        {place >= 0 && `Pair ${place + 1} of ${queue.items.length}${queue.page?.cursor ? ' and more' : ''}. `}
        {pair && judgedOf(pair, blind)} {judging.said}
      </p>
      <p className="hint-line wide-only" id={hint}>
        <kbd>1</kbd> left is better, <kbd>2</kbd> right, <kbd>0</kbd> equal, <kbd>u</kbd> undo, <kbd>j</kbd>{' '}
        <kbd>k</kbd> or <kbd>→</kbd> <kbd>←</kbd> next and before.
      </p>
      {judging.at.state === 'failed' && <Saved at={judging.at} />}
    </div>
  )
}

function better(key: '1' | '2', preference: Preference, blind: boolean): string {
  if (blind) return `${key === '1' ? 'A' : 'B'} is better`
  return preference === 'primary' ? 'Customer’s is better' : 'Candidate’s is better'
}

/** Who said what of it; blind, only that somebody did. */
function judgedOf({ preference, preferred_by }: Pair, blind: boolean): string {
  if (!preference) return ''
  const who = preferred_by ? ` by ${preferred_by}` : ''
  return blind ? `Judged${who}.` : `Judged${who}: ${BETTER[preference].toLowerCase()}.`
}

function Step({ by, queue, id }: { by: 1 | -1; queue: Queue; id: string | null }) {
  const to = id && neighbour(queue.items, id, by)
  const label = by === 1 ? 'Next pair' : 'Pair before'
  return to ? (
    <a className="button quiet" href={hrefOf(to)}>
      {label}
    </a>
  ) : (
    <span />
  )
}
