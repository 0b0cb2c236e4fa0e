/** Complaints as the gateway tells them, and in words. Pure. */
import type { MessageOut } from '../../protocol/events'

export type Severity = 'minor' | 'moderate' | 'severe'
export type State = 'open' | 'resolved'
export type CouponState = 'proposed' | 'approved' | 'rejected' | 'used' | 'expired'
/** The gravest first. */
export const SEVERITIES: readonly Severity[] = ['severe', 'moderate', 'minor']

export interface Topic {
  key: string
  name: string
}

export interface Line {
  id: string
  conversation: string
  customer?: string
  severity: Severity
  topic?: string
  state: State
  summary: string
  created_at: string
  resolved_at?: string
  follow_up_at?: string
  coupon?: CouponState
}

export interface Complaints {
  items: Line[]
  open: Record<Severity, number>
  topics: Topic[]
  cursor?: string
}

export interface FollowUp {
  id: string
  what: string
  due_at: string
  told_at?: string
  done_at?: string
  done_by?: string
}

export interface Coupon {
  id: string
  code?: string
  percent: number
  cents_at_most: number
  state: CouponState
  reason: string
  decided_by?: string
  expires_at?: string
  /** The number of the one that it was used on. */
  booking?: number
  created_at: string
}

export interface Party {
  id: string
  number: number
  status: string
  starts_at: string
  guests: number
  station: string
  chef?: string
}

export interface Incident {
  reported_at?: string
  words?: string[]
  steps?: string[]
  said?: { seq: number; at: string; text: string }[]
  bookings?: { number: number; status: string; starts_at: string; chef?: number | null }[]
}

export interface Complaint extends Omit<Line, 'follow_up_at' | 'coupon'> {
  phone?: string
  email?: string
  changed_at: string
  resolved_by?: string
  resolution?: string
  incident?: Incident
  said: { at: string; message: MessageOut }[]
  notes: { at: string; author: { kind: string; name: string }; text: string }[]
  bookings: Party[]
  follow_ups: FollowUp[]
  coupons: Coupon[]
  topics: Topic[]
  limits: { percent: number; cents: number; months: number }
}

/** What the blocks of a complaint's page work on; `put` shows what the server answered. */
export interface OnComplaint {
  complaint: Complaint
  chief: boolean
  put(complaint: Complaint): void
}

export interface Week {
  monday: string
  minor: number
  moderate: number
  severe: number
  answer_minutes?: number
  resolve_minutes?: number
}

export interface Share {
  name: string
  count: number
  of?: number
}

export interface Patterns {
  weeks: Week[]
  topics: Share[]
  chefs: Share[]
  stations: Share[]
  answer_minutes?: number
  resolve_minutes?: number
}

export const SEVERITY: Record<Severity, string> = { minor: 'Minor', moderate: 'Moderate', severe: 'Severe' }
const STANDING = ['held', 'deposit_pending', 'confirmed', 'in_progress', 'cancellation_requested']

/** The parties that a coupon can be taken off, the next first; none where it is not approved, or over. */
export function usableOn(coupon: Coupon, parties: readonly Party[], now: number): Party[] {
  if (coupon.state !== 'approved' || !coupon.expires_at || Date.parse(coupon.expires_at) <= now) return []
  const standing = parties.filter(party => STANDING.includes(party.status))
  return standing.sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at))
}

export const COUPON: Record<CouponState, string> = {
  proposed: 'To decide',
  approved: 'Approved',
  rejected: 'Rejected',
  used: 'Used',
  expired: 'Over',
}

/** Open ones by how grave they are, the longest waiting first; settled ones as they come. */
export function inOrder(lines: readonly Line[], state: State): Line[] {
  if (state === 'resolved') return [...lines]
  const grave = (line: Line) => SEVERITIES.indexOf(line.severity)
  return [...lines].sort((a, b) => grave(a) - grave(b) || Date.parse(a.created_at) - Date.parse(b.created_at))
}

export function topicOf(key: string | undefined, topics: readonly Topic[]): string | null {
  if (!key) return null
  return topics.find(topic => topic.key === key)?.name ?? key.replaceAll('_', ' ')
}

/** "$100", "$99.50". */
export function dollars(cents: number): string {
  return (cents / 100).toLocaleString('en-US', {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: cents % 100 ? 2 : 0,
  })
}

/** What was typed as dollars, in cents; null for what is no amount. */
export function centsOf(typed: string): number | null {
  const plain = typed.trim().replace(/^\$/, '').replaceAll(',', '')
  return /^\d{1,6}(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : null
}

/** "25 min", "3 h 5 min", "2 days". */
export function long(minutes: number | undefined): string {
  if (minutes === undefined) return 'not yet'
  if (minutes < 60) return `${minutes} min`
  if (minutes < 48 * 60) {
    const rest = minutes % 60
    return rest ? `${Math.floor(minutes / 60)} h ${rest} min` : `${minutes / 60} h`
  }
  return `${Math.round(minutes / 1440)} days`
}

/** "23 Nov": the week's Monday, in nobody's time zone. */
export function weekOf(monday: string): string {
  return new Date(`${monday}T12:00:00Z`).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  })
}

/** "deposit_pending" as people say it. */
export function plain(word: string): string {
  return word.replaceAll('_', ' ')
}

/** A round number at or above the largest, for the top of a scale. */
export function top(largest: number): number {
  if (largest <= 4) return 4
  const power = 10 ** Math.floor(Math.log10(largest))
  return [1, 2, 2.5, 5, 10].map(n => n * power).find(n => n >= largest && Number.isInteger(n)) ?? 10 * power
}
