/** Parties as the calendar has them: what comes over HTTP, its words, and which cell each stands in. Pure. */

export type State =
  | 'held'
  | 'deposit_pending'
  | 'confirmed'
  | 'in_progress'
  | 'completed'
  | 'cancellation_requested'
  | 'cancelled'
  | 'expired'
  | 'no_show'
export type Verb =
  | 'confirm'
  | 'keep'
  | 'move'
  | 'party'
  | 'chef'
  | 'ask_cancel'
  | 'decide_cancel'
  | 'start'
  | 'complete'
  | 'no_show'

/** `at` and `ends` by the clock at the venue. */
export interface Party {
  id: string
  number: number
  conversation: string
  status: State
  station: string
  day: string
  slot: string
  at: string
  ends: string
  lane: number
  starts_at: string
  guests: number
  name?: string
  chef?: number
  kept: boolean
  version: number
}

export interface Chef {
  number: number
  name: string
  station: string
  off: string[]
}

export interface CalendarDays {
  today: string
  time_zone: string
  slots: string[]
  stations: { key: string; name: string; capacity: number }[]
  chefs: Chef[]
  parties: Party[]
}

export interface Money {
  quoted: boolean
  total: number
  deposit: number
  fees: number
  discounts: number
  paid: number
  refunded: number
  balance: number
  deposit_due: number
}

export interface Happening {
  at: string
  kind: string
  by_kind: 'customer' | 'ai' | 'human' | 'system'
  by: string
  details: Record<string, unknown>
}

export interface Booking {
  party: Party
  adults: number
  children: number
  under_six: number
  phone?: string
  email?: string
  address: string
  miles?: number
  chef_name?: string
  facts: Record<string, unknown>
  hold_until?: string
  deposit_until?: string
  confirmed_at?: string
  reschedules: number
  ended?: string
  money: Money
  refundable: boolean
  history: Happening[]
  may: Verb[]
  page: string
}

export interface OtherStart {
  kind: 'same_day' | 'next_day' | 'next_week'
  day: string
  at: string
}

export interface Moved {
  outcome: 'moved' | 'not_free' | 'fee_needed'
  words?: string
  others: OtherStart[]
  fee_cents?: number
  booking?: Booking
}

/** Where a party is put: a start of a day, and a chef's column where there is one (null: nobody's yet). */
export interface Spot {
  day: string
  at: string
  chef?: number | null
}

export const STATES: Readonly<Record<State, string>> = {
  held: 'Held',
  deposit_pending: 'Waits for deposit',
  confirmed: 'Confirmed',
  in_progress: 'Cooking now',
  completed: 'Done',
  cancellation_requested: 'Wants to cancel',
  cancelled: 'Cancelled',
  expired: 'Expired',
  no_show: 'Nobody was there',
}

const HAPPENED: Readonly<Record<string, string>> = {
  held: 'Held',
  terms_accepted: 'Terms accepted',
  confirmed: 'Confirmed',
  rescheduled: 'Moved to another start',
  cancellation_requested: 'Cancellation asked for',
  cancellation_rejected: 'Cancellation declined',
  cancelled: 'Cancelled',
  expired: 'Expired',
  chef_assigned: 'Chef chosen',
  started: 'Begun',
  completed: 'Done',
  no_show: 'Nobody was there',
  kept: 'Kept without a deposit',
  moved: 'Replaced by another hold',
  released: 'Let go',
  party_changed: 'Guests changed',
}

export function happened({ kind }: Happening): string {
  return HAPPENED[kind] ?? kind.replaceAll('_', ' ')
}

export function byWhom({ by_kind, by }: Happening): string {
  return { customer: 'by the customer', ai: 'by the assistant', human: `by ${by}`, system: 'by itself' }[by_kind]
}

/** Those that may be dragged; what is over stays where it was. */
export function movable({ status }: Party): boolean {
  return status === 'held' || status === 'deposit_pending' || status === 'confirmed'
}

export function nameOf({ name, number }: { name?: string; number: number }): string {
  return name || `Booking #${number}`
}

/** A column of a day: a chef, or those of a station that have none yet. */
export interface Column {
  key: string
  title: string
  station: string
  chef: number | null
  off: boolean
}

/** Of each station its parties without a chef, then its chefs. With one station alone its name goes unsaid. */
export function columnsOf(days: CalendarDays, day: string): readonly Column[] {
  const several = days.stations.length > 1
  return days.stations.flatMap(station => {
    const cooks = days.chefs.filter(chef => chef.station === station.key)
    const place = several ? `${station.name}: ` : ''
    return [
      {
        key: station.key,
        title: cooks.length > 0 ? `${place}No chef yet` : `${station.name}`,
        station: station.key,
        chef: null,
        off: false,
      },
      ...cooks.map(chef => ({
        key: `${station.key}-${chef.number}`,
        title: chef.name,
        station: station.key,
        chef: chef.number,
        off: chef.off.includes(day),
      })),
    ]
  })
}

export function inColumn(parties: readonly Party[], { station, chef }: Column): readonly Party[] {
  return parties.filter(party => party.station === station && (party.chef ?? null) === chef)
}

export function inSlot(parties: readonly Party[], day: string, slot: string): readonly Party[] {
  return parties.filter(party => party.day === day && party.slot === slot)
}

/** What a day of the month says. */
export function countsOf(parties: readonly Party[], day: string): { parties: number; guests: number; unsure: number } {
  const those = parties.filter(party => party.day === day)
  return {
    parties: those.length,
    guests: those.reduce((sum, party) => sum + party.guests, 0),
    unsure: those.filter(p => p.status === 'held' || p.status === 'deposit_pending').length,
  }
}

/** As it would stand there. */
export function placed(party: Party, to: Spot): Party {
  const there = { ...party, day: to.day, slot: to.at, at: to.at }
  if (to.chef === undefined) return there
  const { chef: _, ...nobody } = there
  return to.chef === null ? nobody : { ...nobody, chef: to.chef }
}

/** Whether it is there already. */
export function stands(party: Party, to: Spot): boolean {
  const chefs = to.chef === undefined || to.chef === (party.chef ?? null)
  return chefs && sameStart(party, to)
}

export function sameStart(party: Party, to: Spot): boolean {
  return party.day === to.day && (party.at === to.at || party.slot === to.at)
}

/** "$690", "$0.20". */
export function money(cents: number): string {
  return (cents / 100).toLocaleString('en-US', {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: cents % 100 ? 2 : 0,
  })
}

/** Facts of the party in words: `Proteins: chicken 12, shrimp 12`. What is empty is left out. */
export function factsOf(facts: Readonly<Record<string, unknown>>): readonly [string, string][] {
  return Object.entries(facts).flatMap(([key, value]) => {
    const text = inWords(value)
    return text ? [[sentence(key), text] as [string, string]] : []
  })
}

function inWords(value: unknown): string {
  if (value === null || value === undefined || value === false || value === '') return ''
  if (value === true) return 'yes'
  if (Array.isArray(value)) return value.map(inWords).filter(Boolean).join(', ')
  if (typeof value === 'object')
    return Object.entries(value)
      .filter(([, count]) => count)
      .map(([name, count]) => `${name.replaceAll('_', ' ')} ${inWords(count)}`)
      .join(', ')
  return String(value).replaceAll('_', ' ')
}

function sentence(key: string): string {
  const words = key.replaceAll('_', ' ')
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}
