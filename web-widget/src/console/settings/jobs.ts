/** Jobs in words and in lines of a plot. Pure. */
import { kindOf } from './dead-letters'

export interface JobKind {
  kind: string
  queue: 'short' | 'long'
  new: number
  later: number
  working: number
  done: number
  dead: number
  retries: number
  oldest_seconds: number
}

export interface Failure {
  kind: string
  error: string
  count: number
  dead: boolean
}

export interface Hour {
  at: string
  done: number
  retries: number
  mean_seconds: number
  longest_seconds: number
}

export interface Duty {
  name: string
  slot: string
  started_at: string
  finished_at?: string
  attempts: number
  error?: string
  succeeded_at?: string
}

export interface Worker {
  name: string
  started_at: string
  seen_at: string
  alive: boolean
}

export interface Coming {
  id: string
  kind: string
  at: string
  what?: string
  booking?: number
}

export interface Jobs {
  at: string
  kinds: JobKind[]
  failures: Failure[]
  hours: Hour[]
  duties: Duty[]
  workers: Worker[]
  coming: Coming[]
}

export interface RetriedKind {
  retried: number
  left: number
}

/** Those that have something to show; what waits longest and what is dead comes first. */
export function busy(kinds: readonly JobKind[]): JobKind[] {
  const some = kinds.filter(k => k.new + k.later + k.working + k.done + k.dead > 0)
  return some.sort((a, b) => b.dead - a.dead || b.new + b.working - (a.new + a.working) || b.done - a.done)
}

/** "0.4 s", "12 s", "3 min", "2 h": how long something took or waits. */
export function lasted(seconds: number): string {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return `${Math.round(seconds / 3600)} h`
}

const MOMENTS: Readonly<Record<string, string>> = {
  deposit_reminder: 'Deposit reminder',
  deposit_end: 'End of the time for the deposit',
  final_count: 'Question for the final count',
  menu: 'Question for the menu',
  day_before: 'Reminder of the day before',
  start: 'Start',
  end: 'End',
  review: 'Question for a review',
  referral: 'Word about referrals',
}

/** "Deposit reminder of booking 12", "Sending an e-mail, another try". */
export function comingOf({ kind, what, booking }: Coming): string {
  const name = (what && MOMENTS[what]) ?? kindOf({ kind })
  const whose = booking === undefined ? name : `${name} of booking ${booking}`
  return what === 'again' ? `${whose}, another try` : whose
}

const DUTIES: Readonly<Record<string, string>> = {
  tidy: 'Tidying up',
  housekeeping: 'Housekeeping at night',
  holds: 'Giving back what budgets hold in vain',
  backup: 'Backup',
}

export function dutyOf({ name }: Duty): string {
  return DUTIES[name] ?? name.replaceAll('_', ' ')
}

export type DutyState = 'good' | 'running' | 'again' | 'bad'

/** How the last slot of a duty stands. */
export function dutyState({ finished_at, error }: Duty): DutyState {
  if (finished_at === undefined) return error === undefined ? 'running' : 'again'
  return error === undefined ? 'good' : 'bad'
}

/** What is wrong at this moment, each in a sentence; nothing where all is well. */
export function alarms({ workers, kinds, duties }: Jobs): string[] {
  const found: string[] = []
  if (!workers.some(one => one.alive)) found.push('No worker is alive: nothing goes out until one is started.')
  const oldest = Math.max(0, ...kinds.filter(one => one.new > 0).map(one => one.oldest_seconds))
  if (oldest > LATE_SECONDS) found.push(`The oldest job has been due for ${lasted(oldest)}.`)
  for (const duty of duties) if (dutyState(duty) === 'bad') found.push(`${dutyOf(duty)} failed: ${duty.error}.`)
  return found
}

const LATE_SECONDS = 300

export interface Bar {
  x: number
  y: number
  width: number
  height: number
}

/** A bar for each value, in a plot of this size; the smallest that is not 0 can still be seen. */
export function bars(values: readonly number[], width: number, height: number): Bar[] {
  const most = Math.max(...values, 0)
  const step = width / Math.max(values.length, 1)
  return values.map((value, at) => {
    const tall = most === 0 || value === 0 ? 0 : Math.max(2, (value / most) * height)
    return { x: at * step + step * 0.12, y: height - tall, width: step * 0.76, height: tall }
  })
}
