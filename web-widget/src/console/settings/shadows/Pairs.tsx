/** The list of pairs, narrowed as one likes, and the way into judging them. */
import { useNow } from '../../hooks'
import { ago } from '../../when'
import { Here, Older } from '../frame'
import { nextUnjudged } from './judging'
import type { Queue } from './queue'
import { BETTER, type Filter, intentOf, type Line, near, runOf, STATES, type State } from './shadows'

interface FilterProps {
  filter: Filter
  intents: readonly string[]
  onChange(change: Partial<Filter>): void
}

export function Filters({ filter, intents, onChange }: FilterProps) {
  const choices: readonly [keyof Filter, string, readonly (readonly [string, string])[]][] = [
    ['intent', 'Intent', [['', 'Any'], ...intents.map(one => [one, intentOf(one)] as const)]],
    [
      'agrees',
      'Facts',
      [
        ['', 'All'],
        ['false', 'That differ'],
        ['true', 'The same'],
      ],
    ],
    [
      'judged',
      'Judged',
      [
        ['', 'All'],
        ['false', 'Not yet'],
        ['true', 'By staff'],
      ],
    ],
    ['state', 'The candidate', (Object.keys(STATES) as State[]).map(state => [state, STATES[state]] as const)],
  ]
  return (
    <fieldset className="shadow-filters">
      <legend className="unseen">Show only</legend>
      {choices.map(([key, label, options]) => (
        <label key={key} className="labelled">
          {label}
          <select value={String(filter[key])} onChange={e => onChange({ [key]: e.target.value })}>
            {options.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
      ))}
    </fieldset>
  )
}

export function Pairs({ queue, filter }: { queue: Queue; filter: Filter }) {
  const now = useNow()
  const first = nextUnjudged(queue.items, null)
  return (
    <>
      {first && (
        <div className="actions start">
          <a className="button primary" href={hrefOf(first)}>
            Judge pairs
          </a>
        </div>
      )}
      <Here
        of={{ value: queue.page, waiting: queue.waiting, why: queue.why, again: queue.again, change: () => undefined }}
        empty={{
          when: page => page.items.length === 0,
          words: `No such pair in ${runOf(filter.run).toLowerCase()}. Choose less above.`,
        }}
      >
        {page => (
          <>
            <ul className="shadow-lines">
              {page.items.map(line => (
                <Row key={line.id} line={line} now={now} />
              ))}
            </ul>
            <Older cursor={page.cursor} at={queue.older} more={queue.more} />
          </>
        )}
      </Here>
    </>
  )
}

export const hrefOf = (id: string) => `#/settings/shadows/${id}`

function Row({ line, now }: { line: Line; now: number }) {
  return (
    <li>
      <a className="shadow-line" href={hrefOf(line.id)}>
        <span className="shadow-line-head">
          <span className="chip">{intentOf(line.intent)}</span>
          {line.agrees !== undefined && (
            <span className={line.agrees ? 'chip' : 'chip shadow-differs'}>
              {line.agrees ? 'Same facts' : 'Facts differ'}
            </span>
          )}
          {line.state !== 'done' && (
            <span className="chip">
              {STATES[line.state]}
              {line.error && `: ${line.error.replaceAll('_', ' ')}`}
            </span>
          )}
          {line.similarity !== undefined && <span className="soft small">similar {near(line.similarity)}</span>}
          <time className="soft small shadow-age" dateTime={line.created_at}>
            {ago(line.created_at, now)}
          </time>
        </span>
        <span className="shadow-asked">{line.question ?? 'What was asked is not kept any more.'}</span>
        {line.preference && <span className="soft small">Judged: {BETTER[line.preference].toLowerCase()}</span>}
      </a>
    </li>
  )
}
