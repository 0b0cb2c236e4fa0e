/** Leads as the gateway tells them, in words, and where each stands on the board. Pure. */
import { type Fact, factsOf } from '../known'
import { moment } from '../when'

export type Status = 'new' | 'working' | 'qualified' | 'nurturing' | 'converted' | 'disqualified'
export type Temperature = 'hot' | 'warm' | 'cold'
export type Way = 'phone' | 'email'

export interface Reason {
  what: string
  points: number
}

export interface Card {
  id: string
  conversation: string
  customer?: string
  channel: string
  source: string
  status: Status
  rev: number
  score: number
  temperature: Temperature
  reasons: Reason[]
  facts: Record<string, unknown>
  failed?: string
  assignee?: string
  assignee_name?: string
  reached_by: Way[]
  why_disqualified?: string
  created_at: string
  since: string
  alerted_at?: string
}

export interface Column {
  status: Status
  count: number
  items: Card[]
  cursor?: string
}

export interface Board {
  columns: Column[]
  sources: string[]
  moves: Record<Status, Status[]>
}

export interface Happened {
  id: string
  kind: 'status' | 'assigned' | 'note' | 'alert'
  at: string
  by?: string
  from_status?: Status
  to_status?: Status
  taken_back?: boolean
  why?: string
  booking?: number
  name?: string
  text?: string
  temperature?: Temperature
}

export interface Party {
  id: string
  number: number
  status: string
  starts_at: string
  guests: number
}

export interface Lead {
  lead: Card
  confidence: Record<string, number>
  contacts?: { kind: Way; value: string; verified: boolean }[]
  consent?: boolean
  history: Happened[]
  bookings: Party[]
  moves: Status[]
}

export interface Filters {
  text: string
  temperature: Temperature | ''
  source: string
  /** An id, `nobody`, or everybody's. */
  assignee: string
}

export const ALL: Filters = { text: '', temperature: '', source: '', assignee: '' }
export const STATUS: Record<Status, string> = {
  new: 'New',
  working: 'Working',
  qualified: 'Qualified',
  nurturing: 'Nurturing',
  converted: 'Converted',
  disqualified: 'Disqualified',
}
export const TEMPERATURE: Record<Temperature, string> = { hot: 'Hot', warm: 'Warm', cold: 'Cold' }
/** What comes to a person's mind first; any other words will do. */
export const WHY_NOT = [
  'No answer',
  'Booked elsewhere',
  'Too expensive',
  'Too far away',
  'Their day is taken',
  'Not serious',
]

const REASONS: Record<string, string> = {
  source: 'Source',
  adults: 'Guests',
  budget: 'Budget',
  date: 'Their day',
  contacts: 'Verified contacts',
  events: 'Quotes and holds lately',
}
const FAILED: Record<string, string> = {
  taken: 'The slot was taken',
  full: 'Their day is full',
  too_soon: 'Too soon to be booked',
  too_far: 'Too far ahead to be booked',
}
/** How sure it must have been heard to stand without a mark. */
const SURE = 0.75
/** The facts that stand behind a name. */
const BEHIND: Record<string, string> = {
  Guests: 'adults',
  Date: 'date',
  Time: 'time',
  Place: 'place',
  Budget: 'budget_cents',
  Occasion: 'occasion',
  Prefers: 'preferred_contact',
}

export const nameOf = (card: Card): string => card.customer || 'Visitor'

export function question(filters: Filters): string {
  const given = Object.entries(filters).filter(([, value]) => value.trim())
  return given.length ? `leads?${new URLSearchParams(given)}` : 'leads'
}

export function reasonOf({ what }: Reason): string {
  return REASONS[what] ?? plain(what)
}

/** "Guests 15, Their day 15, ...": the whole score in a line. */
export function whyOf(card: Card): string {
  return card.reasons.map(reason => `${reasonOf(reason)} ${reason.points}`).join(', ')
}

export function failedOf(card: Card): string | null {
  return card.failed ? (FAILED[card.failed] ?? 'Their booking came to nothing') : null
}

/** What was told, as people read it; `unsure`: it was hardly heard, and ought to be asked again. */
export function toldOf(facts: Card['facts'], confidence: Lead['confidence'] = {}): { fact: Fact; unsure: boolean }[] {
  const { budget_cents: cents, time, ...rest } = facts
  const budget = typeof cents === 'number' ? { budget: dollars(cents) } : {}
  const at = typeof time === 'string' ? { time: time.slice(0, 5) } : {}
  return factsOf({ ...rest, ...at, ...budget }).map(fact => {
    const sure = confidence[BEHIND[fact[0]] ?? '']
    return { fact, unsure: sure !== undefined && sure < SURE }
  })
}

/** "30 adults, 2 children · Sat, Dec 5": a card's own line. */
export function partyOf(card: Card): string {
  const { adults, children, under_six, date } = card.facts
  const facts = factsOf({ adults, children, under_six, date })
  return facts.map(([, value]) => value).join(' · ')
}

export function happened(event: Happened): string {
  switch (event.kind) {
    case 'assigned':
      return event.name ? `gave it to ${event.name}` : 'took the assignment off'
    case 'note':
      return event.text ?? ''
    case 'alert':
      return `Nobody had looked after it: staff were told${event.temperature ? `, it was ${event.temperature}` : ''}`
    case 'status':
      return moved(event)
  }
}

function moved({ to_status, taken_back, why, booking }: Happened): string {
  const to = to_status ? STATUS[to_status].toLowerCase() : 'another column'
  if (booking) return `Booking #${booking} was confirmed: ${to}`
  if (taken_back) return `took the move back: ${to}`
  return why ? `moved it to ${to}: ${why}` : `moved it to ${to}`
}

/** Where the board has a card; null where it does not show it. */
export function cardOf(board: Board | null, id: string): Card | null {
  for (const column of board?.columns ?? []) {
    const found = column.items.find(card => card.id === id)
    if (found) return found
  }
  return null
}

/** The board with this card where it says that it stands: in its place by its score where it came from elsewhere, else where it was. */
export function placed(board: Board, card: Card): Board {
  const was = cardOf(board, card.id)
  const columns = board.columns.map(column => {
    if (column.status === card.status && was?.status === card.status) {
      return { ...column, items: column.items.map(one => (one.id === card.id ? card : one)) }
    }
    const without = column.items.filter(one => one.id !== card.id)
    const left = column.items.length - without.length
    if (column.status !== card.status) return { ...column, items: without, count: column.count - left }
    return { ...column, items: inPlace(without, card), count: column.count + 1 }
  })
  return { ...board, columns }
}

function inPlace(items: Card[], card: Card): Card[] {
  if (settled(card.status)) return [card, ...items]
  const at = items.findIndex(one => one.score <= card.score)
  return at < 0 ? [...items, card] : [...items.slice(0, at), card, ...items.slice(at)]
}

export function settled(status: Status): boolean {
  return status === 'converted' || status === 'disqualified'
}

/** A further page of a column; what the board shows already stays where it is. */
export function longer(board: Board, more: Column): Board {
  const known = new Set(board.columns.flatMap(column => column.items.map(card => card.id)))
  const columns = board.columns.map(column =>
    column.status === more.status
      ? { ...more, items: [...column.items, ...more.items.filter(card => !known.has(card.id))] }
      : column,
  )
  return { ...board, columns }
}

/** How many cards came, went or were changed by people; one, where they merely stand in another order. */
export function newsOf(shown: Board, now: Board): number {
  const told = (board: Board) =>
    board.columns.flatMap(({ status, items }) => items.map(card => [card.id, `${status} ${card.rev}`] as const))
  const before = new Map(told(shown))
  const after = new Map(told(now))
  const gone = [...before.keys()].filter(id => !after.has(id)).length
  const changed = gone + [...after].filter(([id, place]) => before.get(id) !== place).length
  return changed || Number([...before.keys()].join() !== [...after.keys()].join())
}

type Arrow = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight'

/** The card that an arrow leads to: the next in its column, or as high up in the next column that has any. */
export function neighbour(board: Board, id: string, arrow: Arrow): string | null {
  const at = board.columns.findIndex(column => column.items.some(card => card.id === id))
  const row = board.columns[at]?.items.findIndex(card => card.id === id) ?? -1
  if (at < 0 || row < 0) return null
  if (arrow === 'ArrowUp' || arrow === 'ArrowDown') {
    return board.columns[at]?.items[row + (arrow === 'ArrowUp' ? -1 : 1)]?.id ?? null
  }
  const aside = arrow === 'ArrowLeft' ? board.columns.slice(0, at).reverse() : board.columns.slice(at + 1)
  const next = aside.find(column => column.items.length > 0)?.items
  return next ? (next[Math.min(row, next.length - 1)]?.id ?? null) : null
}

export function bookingOf(party: Party): string {
  return `#${party.number}, ${moment(party.starts_at)}, ${party.guests} guests, ${plain(party.status)}`
}

function dollars(cents: number): string {
  return (cents / 100).toLocaleString('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 })
}

/** "web_quote" as people say it. */
export function plain(word: string): string {
  return word.replaceAll('_', ' ')
}
