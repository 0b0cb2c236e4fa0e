/** Complaints: the list, one of them whole, or what they have in common. */
import { useCallback, useState } from 'react'
import { Again } from '../../design/icons'
import { useNow } from '../hooks'
import { Icon } from '../Icon'
import { Here, Older, Page } from '../settings/frame'
import { useLoaded, useLooking, useOlder } from '../settings/loading'
import { useApi } from '../settings/session'
import { ago, due } from '../when'
import '../settings/settings.css'
import './complaints.css'
import {
  type Complaints as All,
  COUPON,
  inOrder,
  type Line,
  SEVERITIES,
  SEVERITY,
  type Severity,
  type State,
  topicOf,
} from './complaints'
import { PatternsPage } from './Patterns'
import { RecordPage } from './Record'
import { SeverityChip } from './SeverityChip'

const AGAIN_MS = 30_000

export default function Complaints({ page }: { page: string | null }) {
  return (
    <section className="page settings-page complaints" aria-label="Complaints" key={page}>
      <div className="settings-measure">
        {page === 'patterns' ? <PatternsPage /> : page ? <RecordPage id={page} /> : <List />}
      </div>
    </section>
  )
}

function List() {
  const { get } = useApi()
  const now = useNow()
  const [state, setState] = useState<State>('open')
  const [severity, setSeverity] = useState<Severity | null>(null)
  const asked = `complaints?state=${state}${severity ? `&severity=${severity}` : ''}`
  const load = useCallback(() => get<All>(asked), [get, asked])
  const all = useLoaded(load)
  const { again } = all
  useLooking(again, AGAIN_MS)
  const older = useOlder(all, cursor => get<All>(`${asked}&cursor=${cursor}`))
  return (
    <Page
      title="Complaints"
      words="What customers were unhappy about, what is done about it, and by when."
      action={
        <div className="actions start">
          <a className="button" href="#/complaints/patterns">
            Patterns
          </a>
          <button type="button" className="button" disabled={all.waiting} onClick={all.again}>
            <Icon of={Again} size={16} /> Look again
          </button>
        </div>
      }
    >
      <div className="narrowing">
        <fieldset className="views" aria-label="How it stands">
          {(['open', 'resolved'] as const).map(one => (
            <button key={one} type="button" className="view" aria-pressed={one === state} onClick={() => setState(one)}>
              {one === 'open' ? 'Open' : 'Settled'}
            </button>
          ))}
        </fieldset>
        <fieldset className="views" aria-label="Severity">
          <button type="button" className="view" aria-pressed={severity === null} onClick={() => setSeverity(null)}>
            All
          </button>
          {SEVERITIES.map(one => (
            <button
              key={one}
              type="button"
              className="view"
              aria-pressed={one === severity}
              onClick={() => setSeverity(one)}
            >
              {SEVERITY[one]}{' '}
              {(all.value?.open[one] ?? 0) > 0 && (
                <span className="tally">
                  {all.value?.open[one]}
                  <span className="unseen"> open</span>
                </span>
              )}
            </button>
          ))}
        </fieldset>
      </div>
      <Here
        of={all}
        empty={{
          when: page => page.items.length === 0,
          words:
            state === 'open'
              ? 'Nobody is unhappy as far as we know. A complaint appears here as soon as the assistant hears one.'
              : 'Nothing was settled yet. What you settle stays here to be looked up.',
        }}
      >
        {page => (
          <>
            <ul className="complaint-lines">
              {inOrder(page.items, state).map(line => (
                <Row key={line.id} line={line} topic={topicOf(line.topic, page.topics)} now={now} />
              ))}
            </ul>
            <Older cursor={page.cursor} {...older} />
          </>
        )}
      </Here>
    </Page>
  )
}

function Row({ line, topic, now }: { line: Line; topic: string | null; now: number }) {
  const follow = line.state === 'open' && line.follow_up_at ? due(line.follow_up_at, now) : null
  return (
    <li className={`complaint-line ${line.state === 'open' ? line.severity : 'resolved'}`}>
      <a className="complaint-link" href={`#/complaints/${line.id}`}>
        <span className="complaint-head">
          <SeverityChip severity={line.severity} />
          <strong>{line.customer || 'Visitor'}</strong>
          {topic && <span className="chip">{topic}</span>}
          {line.coupon && <span className="chip">Coupon: {COUPON[line.coupon].toLowerCase()}</span>}
          <time className="soft small complaint-age" dateTime={line.created_at}>
            {ago(line.created_at, now)}
          </time>
        </span>
        <span className="complaint-summary">{line.summary}</span>
        {follow && <span className={`small ${follow.overdue ? 'late-follow' : 'soft'}`}>Follow-up {follow.text}</span>}
      </a>
    </li>
  )
}
