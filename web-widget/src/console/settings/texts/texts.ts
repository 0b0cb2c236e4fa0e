/** Text messages in words: what each is, what state it is in, and what a person may do about it. Pure. */

export type TextState =
  | 'waiting'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'unknown'
  | 'failed'
  | 'refused'
  | 'held'
  | 'cancelled'

export type TextPurpose = 'reply' | 'person' | 'transactional' | 'marketing' | 'code' | 'keyword' | 'staff'

export interface TextRow {
  id: string
  purpose: TextPurpose
  to: string
  text?: string
  locale: string
  encoding: 'gsm7' | 'ucs2'
  segments: number
  cost_microdollars: number
  files: number
  state: TextState
  why?: string
  cause?: string
  conversation?: string
  campaign?: string
  booking?: string
  send_at: string
  created_at: string
  sent_at?: string
  delivered_at?: string
}

export interface Texts {
  items: TextRow[]
  counts: Readonly<Partial<Record<TextState, number>>>
  month: { texts: number; segments: number; microdollars: number }
  provider: boolean
  cursor?: string
}

export interface OneText {
  text: TextRow
  number?: string
  reference?: string
}

/** In the order in which they want attention. */
export const STATES: readonly (readonly [TextState, string])[] = [
  ['unknown', 'Unknown'],
  ['failed', 'Failed'],
  ['held', 'Held'],
  ['waiting', 'Waiting'],
  ['sending', 'Being sent'],
  ['sent', 'Sent'],
  ['delivered', 'Delivered'],
  ['refused', 'Not allowed'],
  ['cancelled', 'Cancelled'],
]

const NAMES = new Map(STATES)

export function stateOf(state: TextState): string {
  return NAMES.get(state) ?? state
}

export function lookOf(state: TextState): 'good' | 'warn' | 'bad' | 'plain' {
  if (state === 'sent' || state === 'delivered') return 'good'
  if (state === 'unknown' || state === 'failed') return 'bad'
  return state === 'held' ? 'warn' : 'plain'
}

const PURPOSES: Readonly<Record<TextPurpose, string>> = {
  reply: 'The assistant’s answer',
  person: 'A colleague’s message',
  transactional: 'About a booking',
  marketing: 'Campaign',
  code: 'Code that proves a number',
  keyword: 'Answer to STOP, START or HELP',
  staff: 'Call to a colleague',
}

export function purposeOf(purpose: TextPurpose): string {
  return PURPOSES[purpose]
}

/** Of a code nobody sends the old one again. */
export function mayRetry({ state, purpose }: Pick<TextRow, 'state' | 'purpose'>): boolean {
  if (purpose === 'code') return false
  return state === 'held' || state === 'failed' || state === 'unknown' || state === 'cancelled'
}

/** A code is nobody's to read; a picture may go without words. */
export function wordsOf({ text, files }: Pick<TextRow, 'text' | 'files'>): string {
  if (text === undefined) return 'A code, which is not shown'
  return text.trim() || filesOf(files)
}

export function filesOf(files: number): string {
  return files === 1 ? '1 file' : `${files} files`
}

/** "2 segments, $0.02": as the provider bills it. */
export function sizeOf({ segments, cost_microdollars }: Pick<TextRow, 'segments' | 'cost_microdollars'>): string {
  const long = `${segments.toLocaleString('en-US')} segment${segments === 1 ? '' : 's'}`
  return cost_microdollars > 0 ? `${long}, ${priceOf(cost_microdollars)}` : long
}

/** Of one text a tenth of a cent counts, of many it does not. */
export function priceOf(microdollars: number): string {
  const digits = microdollars < 1_000_000 ? 4 : 2
  return `$${(microdollars / 1_000_000).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: digits })}`
}
