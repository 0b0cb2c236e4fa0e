/** How a model fares, in words and in lines of a plot. Pure. */
import { moment } from '../../when'
import { HOUSE, type Offered } from './policy'

export interface FirstToken {
  p50?: number
  p95?: number
}
export interface ModelHour {
  at: string
  calls: number
  first_token_ms: FirstToken
}
export interface Vitals {
  model: string
  ok?: boolean
  why?: string
  since?: string
  breaker?: 'closed' | 'open' | 'half_open'
  open_for_s?: number
  calls: number
  failed: number
  last_hour: FirstToken
  last_day: FirstToken
  tokens_per_second?: number
  spent_microdollars: number
  hedges: { first: number; first_won: number; second: number; second_won: number }
  errors: { kind: string; count: number }[]
  hours: ModelHour[]
}
export interface Health {
  at: string
  number: number
  models: Vitals[]
}

const KINDS: Readonly<Record<string, string>> = {
  unauthorized: 'key refused',
  rate_limited: 'too many requests',
  unavailable: 'server errors',
  no_route: 'cannot be reached',
  timeout: 'too slow',
  cut: 'broke off',
  garbage: 'not understood',
  bad_request: 'request refused',
  over_budget: 'not asked, budget spent',
}

export function kindWords(kind: string): string {
  return KINDS[kind] ?? kind.replaceAll('_', ' ')
}

export type Tone = 'good' | 'warn' | 'bad' | 'soft'
export interface State {
  tone: Tone
  words: string
}

/** The one thing that matters most of a model now. `asked`: whether the policy names it. */
export function stateOf(vitals: Vitals, offered: Offered | undefined, asked: boolean): State {
  if (vitals.model === HOUSE) return { tone: 'good', words: 'Always here; needs no network' }
  if (offered?.key === 'missing') return { tone: 'bad', words: 'Its key is not set on the server' }
  if (vitals.breaker === 'open')
    return { tone: 'bad', words: `Failed too often: not asked for ${seconds(vitals.open_for_s ?? 0)}` }
  if (vitals.breaker === 'half_open') return { tone: 'warn', words: 'Failed too often: the next turn tries it again' }
  if (vitals.ok === false) {
    const since = vitals.since ? ` since ${moment(vitals.since)}` : ''
    return { tone: 'bad', words: `Fails${since}: ${kindWords(vitals.why ?? 'unknown')}` }
  }
  if (!asked) return { tone: 'soft', words: 'Nobody asks it by this policy' }
  return vitals.ok ? { tone: 'good', words: 'Answers' } : { tone: 'soft', words: 'Was not asked within a day' }
}

function seconds(value: number): string {
  return `${Math.max(1, Math.round(value))} s more`
}

/** "3 of 5" hedges won, as the first and as the second; null where it raced with nobody. */
export function hedgesWon({ first, first_won, second, second_won }: Vitals['hedges']): string | null {
  return first + second === 0 ? null : `${first_won + second_won} of ${first + second}`
}

const SLOTS = 24
const HOUR_MS = 3_600_000

/** The hours in their places, the oldest first; undefined where nobody called. */
export function slots(hours: readonly ModelHour[], at: string): (ModelHour | undefined)[] {
  const from = Date.parse(at) - SLOTS * HOUR_MS
  const found: (ModelHour | undefined)[] = Array.from({ length: SLOTS }, () => undefined)
  for (const hour of hours) {
    const place = Math.round((Date.parse(hour.at) - from) / HOUR_MS)
    if (place >= 0 && place < SLOTS) found[place] = hour
  }
  return found
}

/** An SVG path over equal steps, broken where there is no value; a value alone is a short dash. */
export function line(values: readonly (number | undefined)[], most: number, width: number, height: number): string {
  const step = width / values.length
  const y = (value: number) => (height - (most === 0 ? 0 : (value / most) * height)).toFixed(1)
  let path = ''
  values.forEach((value, n) => {
    if (value === undefined) return
    const before = n > 0 && values[n - 1] !== undefined
    const alone = !before && values[n + 1] === undefined
    const x = (n + 0.5) * step
    path += `${before ? 'L' : 'M'}${(alone ? x - step / 3 : x).toFixed(1)} ${y(value)}`
    if (alone) path += `L${(x + step / 3).toFixed(1)} ${y(value)}`
  })
  return path
}
