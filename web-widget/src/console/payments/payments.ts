/** Money in words and numbers: what the gateway tells of it, made ready to be shown. Pure. */
import { cell } from '../settings/trail'

export type Method = 'card' | 'venmo' | 'zelle' | 'cash'
export const METHODS: readonly Method[] = ['card', 'venmo', 'zelle', 'cash']
export const METHOD: Record<Method, string> = { card: 'Card', venmo: 'Venmo', zelle: 'Zelle', cash: 'Cash' }

export interface Whose {
  id: string
  number: number
  name?: string
  conversation: string
}

export interface Payment {
  id: string
  number: number
  method: Method
  purpose: 'deposit' | 'balance' | 'fee' | 'other'
  amount_cents: number
  refunded_cents: number
  going_back_cents: number
  payer?: string
  note?: string
  received_at: string
  booking?: Whose
}

export interface Payments {
  items: Payment[]
  cursor?: number
}

export interface Notice {
  id: string
  method: 'venmo' | 'zelle'
  amount_cents: number
  payer?: string
  note?: string
  said: string
  source: 'pasted' | 'mail'
  state: 'new' | 'matched' | 'suggested' | 'unmatched' | 'ignored'
  rule?: 'phone' | 'amount' | 'loose' | 'person'
  received_at: string
  booking?: Whose
}

export interface Notices {
  waiting: Notice[]
  decided: Notice[]
}

export interface Refund {
  id: string
  payment: number
  method: Method
  amount_cents: number
  reason: string
  state: 'asked' | 'done' | 'failed'
  error?: string
  created_at: string
  changed_at: string
  booking?: Whose
}

/** A booking that came to nothing, and the money of it that nobody gives back yet. */
export interface Owing {
  booking: Whose
  cents: number
}

export interface Refunds {
  items: Refund[]
  owing: Owing[]
}

export interface WeekSum {
  monday: string
  method: Method
  cents: number
}

export interface Money {
  accounts: { account: string; cents: number }[]
  right: boolean
  weeks: WeekSum[]
  waiting: number
  to_give_back: number
  cards: boolean
}

export const PURPOSE: Record<Payment['purpose'], string> = {
  deposit: 'Deposit',
  balance: 'Balance',
  fee: 'Fee',
  other: 'Payment',
}

const ACCOUNTS: Readonly<Record<string, string>> = {
  card: 'Card provider',
  venmo: 'Venmo',
  zelle: 'Zelle',
  cash: 'Cash',
  customers: 'Customers',
  unmatched: 'Nobody knows whose',
  revenue: 'Earned',
  fees: 'Fees',
  tax: 'Sales tax',
  discounts: 'Discounts',
}

export function accountOf(account: string): string {
  return ACCOUNTS[account] ?? account
}

/** What an account's balance means: an account of ours is positive where we have something, one of others where we owe. */
export function meaningOf(account: string, cents: number): string {
  if (account === 'customers') return cents < 0 ? 'paid ahead by customers' : 'owed by customers'
  if (account === 'unmatched') return 'waits for its owner'
  return cents < 0 ? 'in all' : 'here'
}

/** What can still be given back of a payment. */
export function leftOf(payment: Payment): number {
  return payment.amount_cents - payment.refunded_cents - payment.going_back_cents
}

/** "Booking 12, Ana Perez"; whose money it is. */
export function whoseOf(booking: Whose | undefined): string {
  if (!booking) return 'Nobody knows whose this is'
  return booking.name ? `Booking ${booking.number}, ${booking.name}` : `Booking ${booking.number}`
}

const RULES: Readonly<Record<string, string>> = {
  phone: 'its note has the phone number of the booking',
  amount: 'amount, time and way of paying fit',
  loose: 'the amount is near, and so is the time',
  person: 'somebody of the team said so',
}

/** Why a notice is thought to be a booking's. */
export function whyOf({ rule }: Notice): string {
  return rule ? (RULES[rule] ?? rule) : 'no booking fits'
}

export interface Week {
  monday: string
  cents: Record<Method, number>
}

const WEEK_MS = 7 * 86_400_000

/** Every week from the first with money to the one of `today`, those without any too; at most `most`. */
export function weeksOf(sums: readonly WeekSum[], today: Date, most = 12): Week[] {
  const last = mondayOf(today)
  const first = sums.reduce((early, { monday }) => Math.min(early, Date.parse(monday)), last)
  const from = Math.max(first, last - (most - 1) * WEEK_MS)
  const weeks: Week[] = []
  for (let at = from; at <= last; at += WEEK_MS) {
    const monday = new Date(at).toISOString().slice(0, 10)
    const cents: Record<Method, number> = { card: 0, venmo: 0, zelle: 0, cash: 0 }
    for (const sum of sums) if (sum.monday === monday) cents[sum.method] += sum.cents
    weeks.push({ monday, cents })
  }
  return weeks
}

/** Its Monday's midnight, as UTC has the date of where one is. */
function mondayOf(date: Date): number {
  const day = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  return day - ((new Date(day).getUTCDay() + 6) % 7) * 86_400_000
}

export function sumOf(week: Week): number {
  return METHODS.reduce((sum, method) => sum + week.cents[method], 0)
}

const COLUMNS = ['number', 'received', 'method', 'purpose', 'amount', 'given back', 'payer', 'note', 'booking', 'name']

/** Payments as a file for a spreadsheet: amounts in dollars. */
export function csv(payments: readonly Payment[]): string {
  const rows = payments.map(one => [
    String(one.number),
    one.received_at,
    one.method,
    one.purpose,
    (one.amount_cents / 100).toFixed(2),
    (one.refunded_cents / 100).toFixed(2),
    one.payer ?? '',
    one.note ?? '',
    one.booking ? String(one.booking.number) : '',
    one.booking?.name ?? '',
  ])
  return [COLUMNS, ...rows].map(row => row.map(cell).join(',')).join('\r\n')
}
