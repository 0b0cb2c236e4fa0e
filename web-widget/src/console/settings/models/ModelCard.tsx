import { Alert, Done, IdleIcon } from '../../../design/icons'
import { Icon } from '../../Icon'
import { dollars, took } from '../figures'
import { FirstTokenPlot } from './FirstTokenPlot'
import { hedgesWon, kindWords, stateOf, type Vitals } from './health'
import type { Offered } from './policy'

const ICONS = { good: Done, soft: IdleIcon, warn: Alert, bad: Alert }

interface Props {
  vitals: Vitals
  at: string
  offered: Offered | undefined
  asked: boolean
}

/** One model: how it stands in a line, its figures, and its first tokens over the day. */
export function ModelCard({ vitals, at, offered, asked }: Props) {
  const { tone, words } = stateOf(vitals, offered, asked)
  const won = hedgesWon(vitals.hedges)
  const { last_hour, last_day } = vitals
  const figures: readonly [string, string | null][] = [
    [
      'First token, last hour',
      last_hour.p50 === undefined ? null : `${took(last_hour.p50)} · p95 ${took(last_hour.p95)}`,
    ],
    ['First token, 24 hours', last_day.p50 === undefined ? null : `${took(last_day.p50)} · p95 ${took(last_day.p95)}`],
    ['Calls', vitals.calls === 0 ? null : `${vitals.calls.toLocaleString('en-US')}, ${vitals.failed} failed`],
    ['Tokens a second', vitals.tokens_per_second === undefined ? null : `${Math.round(vitals.tokens_per_second)}`],
    ['Spent today', vitals.spent_microdollars === 0 ? null : dollars(vitals.spent_microdollars)],
    ['Hedges won', won],
  ]
  return (
    <li className="model-card" aria-label={vitals.model}>
      <header>
        <h2>{vitals.model}</h2>
        {offered?.litellm && <span className="soft small">{offered.litellm}</span>}
      </header>
      <p className={`model-state ${tone}`}>
        <Icon of={ICONS[tone]} size={16} /> {words}
      </p>
      <dl>
        {figures
          .filter(([, value]) => value !== null)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      {vitals.errors.length > 0 && (
        <p className="model-errors small">
          <span className="soft">Errors in 24 hours:</span>{' '}
          {vitals.errors.map(({ kind, count }) => `${kindWords(kind)} ${count}`).join(', ')}
        </p>
      )}
      {vitals.hours.length > 0 && <FirstTokenPlot model={vitals.model} hours={vitals.hours} at={at} />}
    </li>
  )
}
