/** What people type and what is kept: dollars and cents, times, whole numbers. Pure. */
import type { Json } from './profile'

export type Kind = 'text' | 'money' | 'count'
export type Read = { value: Json } | { fault: string }

const MONEY = /^\$?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?$/
const MOST_CENTS = 100_000_00

/** What a field's words mean, or why they mean nothing. */
export function read(kind: Kind, typed: string): Read {
  const words = typed.trim()
  if (kind === 'text') return words ? { value: words } : { fault: 'This is empty. Write something.' }
  if (kind === 'money') return money(words)
  if (!/^\d+$/.test(words)) return { fault: 'Write a whole number, like 12.' }
  return Number(words) <= 1_000_000 ? { value: Number(words) } : { fault: 'This is too large. Write less.' }
}

function money(words: string): Read {
  const found = MONEY.exec(words)
  if (!found) return { fault: 'Write an amount like 55 or 55.50.' }
  // By digits, never by a fraction: 1.1 × 100 is no whole number to a computer.
  const cents = Number(found[1]?.replaceAll(',', '')) * 100 + Number((found[2] ?? '').padEnd(2, '0'))
  return cents <= MOST_CENTS ? { value: cents } : { fault: 'The most is $100,000. Write less.' }
}

/** What stands in a field for a value. */
export function write(kind: Kind, value: Json | undefined): string {
  if (value === undefined || value === null) return ''
  return kind === 'money' ? dollars(Number(value)).replace('$', '') : String(value)
}

/** `$1,100`, `$0.20`. */
export function dollars(cents: number): string {
  const rest = cents % 100
  const whole = Math.floor(cents / 100).toLocaleString('en-US')
  return `$${whole}${rest ? `.${String(rest).padStart(2, '0')}` : ''}`
}

/** `12:00:00` as a time field has it: `12:00`; and back. */
export function hourMinute(time: string): string {
  return time.slice(0, 5)
}
export function withSeconds(time: string): string {
  return /^\d\d:\d\d$/.test(time) ? `${time}:00` : time
}

/** `12 PM`, `9:30 PM`. */
export function spoken(time: string): string {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  const rest = minute ? `:${String(minute).padStart(2, '0')}` : ''
  return `${hour % 12 || 12}${rest} ${hour < 12 ? 'AM' : 'PM'}`
}

/** A key for something new: `New York strip` is `new_york_strip`; another one where it is taken. */
export function keyFor(name: string, taken: readonly string[]): string {
  const bare = name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
  const key = bare || 'new'
  let [found, n] = [key, 2]
  while (taken.includes(found)) {
    found = `${key}_${n}`
    n += 1
  }
  return found
}
