/** Consent to text messages as the gateway tells it, and in words. Pure. */

export interface Standing {
  transactional?: boolean | undefined
  marketing?: boolean | undefined
  stopped: boolean
}

export type Purpose = 'transactional' | 'marketing' | 'all'

export interface Entry {
  id: string
  number: string
  purpose: Purpose
  granted: boolean
  source: keyof typeof SOURCE
  text: string
  ip?: string
  by?: string
  reason?: string
  customer?: string
  conversation?: string
  at: string
}

export interface Review {
  id: string
  number: string
  text: string
  conversation?: string
  created_at: string
}

export interface OfNumber {
  number: string
  standing: Standing
  entries: Entry[]
  customers: { id: string; name?: string; verified: boolean }[]
  reviews: Review[]
}

export interface Overview {
  reviews: Review[]
  entries: Entry[]
  words: Record<'transactional' | 'marketing', Record<string, string>>
}

export const SOURCE = {
  widget: 'in the chat',
  verified: 'with a code',
  identity: 'by a site',
  keyword: 'by text',
  free_text: 'by text, in words of their own',
  staff: 'told to a colleague',
  import: 'brought along',
  provider: 'kept by the provider',
  review: 'after a look',
} as const

export const WHAT = { transactional: 'bookings', marketing: 'marketing', all: 'all texts' } as const

/** "Agreed to marketing", "Ended all texts". */
export function told({ purpose, granted }: Pick<Entry, 'purpose' | 'granted'>): string {
  return `${granted ? 'Agreed to' : 'Ended'} ${WHAT[purpose]}`
}

/** What counts, for people: a purpose and whether texts of it may go. */
export function standing({ transactional, marketing, stopped }: Standing): [string, string, boolean][] {
  if (stopped) return [['All texts', 'stopped', false]]
  return [
    ['Bookings', agreed(transactional), transactional === true],
    ['Marketing', agreed(marketing), marketing === true],
  ]
}

function agreed(of: boolean | undefined): string {
  return of === undefined ? 'never asked' : of ? 'agreed' : 'ended'
}

/** A number as the address bar keeps it, and back. */
export function itemOf(number: string): string {
  return number.replace(/\D/g, '')
}

export function numberOf(item: string): string {
  return `+${item.replace(/\D/g, '')}`
}
