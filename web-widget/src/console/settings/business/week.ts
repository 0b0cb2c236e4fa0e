/** Hours by weekday, as a form shows them, and as the profile keeps them: lines of days with one span. Pure. */
import { spoken } from './typed'

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof DAYS)[number]
export const DAY_NAMES: Record<Day, string> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
}

export type Span = { readonly from_time: string; readonly to_time: string }
export type Line = Span & { readonly days: readonly Day[] }
export type Week = Readonly<Record<Day, readonly Span[]>>

export function weekOf(lines: readonly Line[]): Week {
  const spans = (day: Day) =>
    lines
      .filter(line => line.days.includes(day))
      .map(({ from_time, to_time }) => ({ from_time, to_time }))
      .sort((a, b) => a.from_time.localeCompare(b.from_time))
  return Object.fromEntries(DAYS.map(day => [day, spans(day)])) as unknown as Week
}

/** A line for each span that occurs, with its days. */
export function linesOf(week: Week): Line[] {
  const lines = new Map<string, { span: Span; days: Day[] }>()
  for (const day of DAYS)
    for (const span of week[day]) {
      const name = `${span.from_time} ${span.to_time}`
      const line = lines.get(name) ?? { span, days: [] }
      if (!line.days.includes(day)) line.days.push(day)
      lines.set(name, line)
    }
  return [...lines.values()].map(({ span, days }) => ({ days, ...span }))
}

/** What is wrong with a day's hours, in words; null where nothing is. */
export function faultOf(spans: readonly Span[]): string | null {
  if (spans.some(s => !s.from_time || !s.to_time)) return 'A time is missing. Fill in both.'
  if (spans.some(s => s.from_time >= s.to_time)) return 'This ends before it begins. Change one of the two times.'
  const apart = spans.every((s, n) => n === 0 || (spans[n - 1] as Span).to_time <= s.from_time)
  return apart ? null : 'These hours overlap. Change one of them.'
}

export function saidOf(lines: readonly Line[]): string {
  const week = weekOf(lines)
  const said = DAYS.map(day => week[day].map(s => `${spoken(s.from_time)} to ${spoken(s.to_time)}`).join(' and '))
  if (new Set(said).size === 1) return said[0] ? `every day ${said[0]}` : 'closed'
  // Days in a row that are alike are told together.
  const runs: { from: number; to: number }[] = []
  said.forEach((words, n) => {
    const last = runs.at(-1)
    if (last && said[last.to] === words) last.to = n
    else runs.push({ from: n, to: n })
  })
  const short = (n: number) => DAY_NAMES[DAYS[n] as Day].slice(0, 3)
  return runs
    .map(({ from, to }) => `${from === to ? short(from) : `${short(from)} to ${short(to)}`} ${said[from] || 'closed'}`)
    .join(', ')
}
