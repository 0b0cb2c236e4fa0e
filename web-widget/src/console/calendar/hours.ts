/** A chef's calendar as the form has it: hours of each weekday, and days that are otherwise. Pure. */

export interface ChefTime {
  kind: 'weekly' | 'on' | 'off'
  weekday?: number
  day?: string
  from_minute?: number
  to_minute?: number
}

export interface ChefRow {
  id: string
  number: number
  name: string
  station: string
  largest: 'small' | 'medium' | 'large'
  rating?: number
  active: boolean
  times: ChefTime[]
  feed?: string
}

export interface Chefs {
  items: ChefRow[]
  stations: { key: string; name: string }[]
  small_up_to: number
  medium_up_to: number
}

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const
const DAY_MINUTES = 24 * 60

/** "18:00" of 1080; "01:00" of 1500, which is the next day's. */
export function toClock(minute: number): string {
  const on = minute % DAY_MINUTES
  return `${String(Math.floor(on / 60)).padStart(2, '0')}:${String(on % 60).padStart(2, '0')}`
}

export function toMinute(clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number)
  return hour * 60 + minute
}

/** An end that is not after its beginning is the next day's. */
export function span(from: string, to: string): { from_minute: number; to_minute: number } {
  const [start, end] = [toMinute(from), toMinute(to)]
  return { from_minute: start, to_minute: end > start ? end : end + DAY_MINUTES }
}

/** Without any hours of the week a chef works whenever they are not off. */
export function inWords({ times }: ChefRow): string {
  const weekly = times.filter(line => line.kind === 'weekly')
  const days = new Set(weekly.map(line => line.weekday))
  const off = times.filter(line => line.kind === 'off').length
  const week =
    days.size === 0
      ? 'Every day'
      : days.size === 7
        ? 'Every day, by hours'
        : WEEKDAYS.filter((_, day) => days.has(day))
            .map(name => name.slice(0, 3))
            .join(', ')
  return off ? `${week} · ${off} ${off === 1 ? 'day' : 'days'} off` : week
}

export function ofWeekday(times: readonly ChefTime[], weekday: number): ChefTime | undefined {
  return times.find(line => line.kind === 'weekly' && line.weekday === weekday)
}

/** Days with hours of their own or none, the nearest first; those that are over are left out. */
export function dated(times: readonly ChefTime[], today: string): readonly ChefTime[] {
  return times
    .filter(line => line.day !== undefined && line.day >= today)
    .sort((one, other) => (one.day ?? '').localeCompare(other.day ?? ''))
}
