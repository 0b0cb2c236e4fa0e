/** What is done behind the scenes: what waits, fails and comes next, what the clock does, and who works. */
import { useCallback, useState } from 'react'
import { Again } from '../../design/icons'
import { Icon } from '../Icon'
import { moment } from '../when'
import { Alarms } from './Alarms'
import { causeOf, kindOf } from './dead-letters'
import { Block, Here, LookAgain, Page } from './frame'
import { JobsPlot } from './JobsPlot'
import {
  alarms,
  busy,
  type Coming,
  comingOf,
  type Duty,
  dutyOf,
  dutyState,
  type Failure,
  type JobKind,
  type Jobs as JobsOf,
  lasted,
  type RetriedKind,
  type Worker,
} from './jobs'
import './jobs.css'
import { useLoaded, useLooking, useSaving } from './loading'
import { useApi } from './session'

const LOOK_EVERY_MS = 10_000

export default function Jobs() {
  const { get } = useApi()
  const load = useCallback(() => get<JobsOf>('jobs'), [get])
  const jobs = useLoaded(load)
  const { again } = jobs
  useLooking(again, LOOK_EVERY_MS)
  return (
    <Page
      title="Jobs"
      words="What is done behind the scenes: e-mails, reminders, webhooks, notifications. This page looks again by itself."
      action={<LookAgain onLook={again} />}
    >
      <Here of={jobs}>
        {found => (
          <>
            <Alarms found={alarms(found)} />
            <Kinds kinds={busy(found.kinds)} onRetried={again} />
            <Block title="The last 24 hours">
              <JobsPlot hours={found.hours} />
            </Block>
            <Failures failures={found.failures} />
            <Next coming={found.coming} />
            <Duties duties={found.duties} />
            <Workers workers={found.workers} />
          </>
        )}
      </Here>
    </Page>
  )
}

function Kinds({ kinds, onRetried }: { kinds: readonly JobKind[]; onRetried(): void }) {
  if (kinds.length === 0) return <div className="blank">Nothing was done yet, and nothing waits.</div>
  return (
    <Block title="By kind" words="Due now, for later, and in work; done and tried again within the last 24 hours.">
      <ul className="job-kinds">
        {kinds.map(one => (
          <Kind key={one.kind} kind={one} onRetried={onRetried} />
        ))}
      </ul>
    </Block>
  )
}

function Kind({ kind, onRetried }: { kind: JobKind; onRetried(): void }) {
  const figures: readonly [string, number | string][] = [
    ['Due', kind.new],
    ['Later', kind.later],
    ['In work', kind.working],
    ['Done', kind.done],
    ['Tried again', kind.retries],
    ['Oldest', kind.new > 0 ? lasted(kind.oldest_seconds) : 0],
  ]
  return (
    <li className="job-kind">
      <strong>{kindOf(kind)}</strong>
      <dl>
        {figures
          .filter(([, value]) => value !== 0)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      {kind.dead > 0 && <Dead kind={kind} onRetried={onRetried} />}
    </li>
  )
}

/** What was tried in vain to the end: all of it again, by a click. */
function Dead({ kind, onRetried }: { kind: JobKind; onRetried(): void }) {
  const { post } = useApi()
  const saving = useSaving()
  const [said, setSaid] = useState<string | null>(null)
  const retry = async () => {
    const answer = await saving.run(() => post<RetriedKind>('dead-letters/retry', { kind: kind.kind }))
    if (!answer) return
    setSaid(answer.retried === 0 ? 'None of them can go out.' : `${answer.retried} on their way again.`)
    onRetried()
  }
  return (
    <div className="job-dead">
      <a href="#/settings/dead-letters">
        {kind.dead} {kind.dead === 1 ? 'dead letter' : 'dead letters'}
      </a>
      <button type="button" className="button" disabled={saving.at.state === 'saving'} onClick={() => void retry()}>
        <Icon of={Again} size={16} /> Try all again<span className="unseen">: {kindOf(kind)}</span>
      </button>
      <span role="status" className="soft small">
        {saving.at.state === 'failed' ? saving.at.why : said}
      </span>
    </div>
  )
}

function Failures({ failures }: { failures: readonly Failure[] }) {
  if (failures.length === 0) return null
  return (
    <Block title="What fails" words="By what each ended with; those that are not dead are tried again by themselves.">
      <ul className="job-lines">
        {failures.map(one => (
          <li key={`${one.kind} ${one.error} ${one.dead}`}>
            <span>
              {kindOf(one)}: {causeOf(one)}
            </span>
            <span className={one.dead ? 'chip bad' : 'chip'}>
              {one.count} {one.dead ? 'dead' : 'to try again'}
            </span>
          </li>
        ))}
      </ul>
    </Block>
  )
}

function Next({ coming }: { coming: readonly Coming[] }) {
  if (coming.length === 0) return null
  return (
    <Block title="What comes next">
      <ol className="job-lines">
        {coming.map(one => (
          <li key={one.id}>
            <span>{comingOf(one)}</span>
            <time className="soft small" dateTime={one.at}>
              {moment(one.at)}
            </time>
          </li>
        ))}
      </ol>
    </Block>
  )
}

const STATES = { good: 'went well', running: 'runs', again: 'is tried again', bad: 'failed' } as const

function Duties({ duties }: { duties: readonly Duty[] }) {
  if (duties.length === 0) return null
  return (
    <Block title="By the clock" words="Each is done once, however many workers there are.">
      <ul className="job-lines">
        {duties.map(one => (
          <li key={one.name}>
            <span>
              {dutyOf(one)}
              <span className="soft small">
                {' '}
                {one.succeeded_at ? `last went well ${moment(one.succeeded_at)}` : 'never went well yet'}
              </span>
            </span>
            <span className={dutyState(one) === 'bad' ? 'chip bad' : 'chip'}>
              {STATES[dutyState(one)]}
              {one.error && `: ${one.error}`}
            </span>
          </li>
        ))}
      </ul>
    </Block>
  )
}

function Workers({ workers }: { workers: readonly Worker[] }) {
  return (
    <Block title="Workers">
      {workers.length === 0 && (
        <p className="soft">
          None was seen within the last 24 hours. Start one with <code>hibachi worker</code>.
        </p>
      )}
      <ul className="job-lines">
        {workers.map(one => (
          <li key={one.name}>
            <span className="job-worker">{one.name}</span>
            <span className={one.alive ? 'chip good' : 'chip'}>
              {one.alive ? `alive since ${moment(one.started_at)}` : `last seen ${moment(one.seen_at)}`}
            </span>
          </li>
        ))}
      </ul>
    </Block>
  )
}
