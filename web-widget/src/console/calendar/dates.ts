/** Days as the venue has them, as `2026-12-05`: counted and named without any time zone of this browser. Pure. */

export type Span = 'day' | 'week' | 'month'
export const SPANS: readonly Span[] = ['day', 'week', 'month']

const DAY = /^\d{4}-\d{2}-\d{2}$/
const DAY_MS = 86_400_000

/** Null for what is no day. */
export function dayOf(text: string | null | undefined): string | null {
  if (!text || !DAY.test(text)) return null
  const at = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(at) || iso(at) !== text ? null : text
}

export function plusDays(day: string, days: number): string {
  return iso(ms(day) + days * DAY_MS)
}

/** The same day of another month, the last one where that month is shorter. */
export function plusMonths(day: string, months: number): string {
  const [year = 0, month = 1, on = 1] = day.split('-').map(Number)
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate()
  return iso(Date.UTC(year, month - 1 + months, Math.min(on, last)))
}

/** Monday is 0. */
export function weekdayOf(day: string): number {
  return (new Date(ms(day)).getUTCDay() + 6) % 7
}

export function step(span: Span, day: string, by: 1 | -1): string {
  if (span === 'month') return plusMonths(day, by)
  return plusDays(day, span === 'week' ? 7 * by : by)
}

/** The days that are shown: a day, a week from Monday, or the whole weeks around a month. */
export function daysOf(span: Span, day: string): readonly string[] {
  if (span === 'day') return [day]
  if (span === 'week') return run(plusDays(day, -weekdayOf(day)), 7)
  const first = `${day.slice(0, 7)}-01`
  const last = plusDays(plusMonths(first, 1), -1)
  const from = plusDays(first, -weekdayOf(first))
  const to = plusDays(last, 6 - weekdayOf(last))
  return run(from, (ms(to) - ms(from)) / DAY_MS + 1)
}

/** "Saturday, December 5, 2026", "Nov 30 – Dec 6, 2026", "December 2026". */
export function titleOf(span: Span, day: string): string {
  if (span === 'day') return said(day, { weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' })
  if (span === 'month') return said(day, { month: 'long', year: 'numeric' })
  const days = daysOf('week', day)
  const [first = day, last = day] = [days[0], days[6]]
  return `${said(first, { month: 'short', day: 'numeric' })} – ${said(last, { month: 'short', day: 'numeric', year: 'numeric' })}`
}

/** "Sat, Dec 5". */
export function shortDay(day: string): string {
  return said(day, { weekday: 'short', month: 'short', day: 'numeric' })
}

/** "Saturday, December 5". */
export function longDay(day: string): string {
  return said(day, { weekday: 'long', month: 'long', day: 'numeric' })
}

export function weekdayName(day: string): string {
  return said(day, { weekday: 'short' })
}

/** "6 PM", "6:30 PM" of `18:00:00`. */
export function clock(time: string): string {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  const rest = minute ? `:${String(minute).padStart(2, '0')}` : ''
  return `${hour % 12 || 12}${rest} ${hour < 12 ? 'AM' : 'PM'}`
}

function said(day: string, how: Intl.DateTimeFormatOptions): string {
  return new Date(ms(day)).toLocaleDateString('en-US', { timeZone: 'UTC', ...how })
}

function run(first: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => plusDays(first, n))
}

function ms(day: string): number {
  return Date.parse(`${day}T00:00:00Z`)
}

function iso(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
