/** What is known of the event that a customer writes about, and of the contact: from the handoffs' facts, and from the details. Pure. */
import type { Handoff } from '../protocol/wire'
import { visible } from '../text/markdown'

export type Fact = readonly [name: string, value: string]
type Facts = Readonly<Record<string, unknown>>

const LONGEST = 200
const NOT_SHOWN = new Set(['children', 'under_six', 'guests', 'other_dates', 'score', 'amount_cents'])
const NAMES: Record<string, string> = {
  date: 'Date',
  time: 'Time',
  adults: 'Guests',
  place: 'Place',
  address: 'Place',
  proteins: 'Picks',
  upgrades: 'Upgrades',
  add_ons: 'Add-ons',
  diets: 'Diets',
  allergens: 'Allergens',
  name: 'Name',
  phone: 'Phone',
  email: 'E-mail',
  preferred_contact: 'Prefers',
}
/** In this order; what else is known follows in its own. */
const ORDER = Object.keys(NAMES)
/** Of the event and the contact, so the same for every handoff of a conversation. */
export const OF_EVENT: ReadonlySet<string> = new Set([
  ...ORDER,
  'children',
  'under_six',
  'guests',
  'other_dates',
  'score',
])

/** What the lead and all handoffs of a conversation know of the event together; the newest word on each thing. */
export function eventOf(lead: Facts, handoffs: readonly Handoff[]): Fact[] {
  const byAge = [...handoffs].sort((a, b) => (a.id < b.id ? -1 : 1))
  const all: Facts = Object.assign({}, lead, ...byAge.map(h => h.facts ?? {}))
  return factsOf(Object.fromEntries(Object.entries(all).filter(([key]) => OF_EVENT.has(key))))
}

/** Facts as a person reads them. `without`: keys that are told elsewhere. */
export function factsOf(facts: Facts, without: ReadonlySet<string> = new Set()): Fact[] {
  const told: Facts = guests(facts) ? { ...facts, adults: guests(facts) } : facts
  const keys = Object.keys(told).filter(key => !NOT_SHOWN.has(key) && !without.has(key))
  const amount = typeof facts.amount_cents === 'number' && !without.has('amount_cents')
  const rows = keys
    .sort((a, b) => place(a) - place(b))
    .flatMap((key): Fact[] => {
      const value = said(key, told)
      return value ? [[NAMES[key] ?? label(key), value]] : []
    })
  return amount ? [['Amount', money(facts.amount_cents as number)], ...rows] : rows
}

function place(key: string): number {
  const at = ORDER.indexOf(key)
  return at < 0 ? ORDER.length : at
}

function said(key: string, facts: Facts): string {
  const value = text(facts[key])
  if (key === 'date') return [value, ...text(facts.other_dates).split(', ')].filter(Boolean).map(dayOf).join(' or ')
  if (key === 'time') return hourOf(value)
  // Names of the program's own; what a customer wrote stays as it is.
  return NAMES[key] ? value : value.replaceAll('_', ' ')
}

/** "12 adults, 3 children, 1 under six", or the number that was said. */
function guests(facts: Facts): string {
  const count = (key: string, one: string, many: string) => {
    const n = facts[key]
    return typeof n === 'number' && n > 0 ? [`${n} ${n === 1 ? one : many}`] : []
  }
  const parts = [
    ...count('adults', 'adult', 'adults'),
    ...count('children', 'child', 'children'),
    ...count('under_six', 'under six', 'under six'),
  ]
  return parts.join(', ') || text(facts.guests)
}

/** "Sat, Dec 5" of an ISO day, in the reader's language; what is none stays as it is. */
function dayOf(value: string): string {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value) ?? []
  if (!year) return value
  const date = new Date(Number(year), Number(month) - 1, Number(day))
  const other = date.getFullYear() === new Date().getFullYear() ? {} : ({ year: 'numeric' } as const)
  return date.toLocaleDateString(undefined, { weekday: 'short', day: 'numeric', month: 'short', ...other })
}

function hourOf(value: string): string {
  const [, hour, minute] = /^(\d\d):(\d\d)$/.exec(value) ?? []
  if (!hour) return value
  const at = new Date(2000, 0, 1, Number(hour), Number(minute))
  return at.toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit' })
}

function money(cents: number): string {
  return (cents / 100).toLocaleString(undefined, { style: 'currency', currency: 'USD' })
}

function text(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return value.map(text).filter(Boolean).join(', ').slice(0, LONGEST)
  return typeof value === 'string' ? visible(value).trim().slice(0, LONGEST) : ''
}

function label(key: string): string {
  const words = visible(key).replaceAll('_', ' ').slice(0, 40)
  return words.charAt(0).toUpperCase() + words.slice(1)
}
