/** E-mails in words: what state each is in and why, and what a person may do about it. Pure. */

export type EmailState = 'waiting' | 'sending' | 'sent' | 'unknown' | 'failed' | 'bounced' | 'held' | 'suppressed'

export interface EmailRow {
  id: string
  kind: string
  to_address: string
  to_name?: string
  locale: string
  subject: string
  state: EmailState
  error?: string
  marketing: boolean
  booking?: string
  conversation?: string
  send_at: string
  created_at: string
  sent_at?: string
}

export interface Emails {
  items: EmailRow[]
  counts: Readonly<Partial<Record<EmailState, number>>>
  server: boolean
  cursor?: string
}

export interface OneEmail {
  email: EmailRow
  plain: string
  message_id: string
  attachments: string[]
}

export interface CameRow {
  id: string
  from_address: string
  subject: string
  text: string
  outcome: 'threaded' | 'bounce' | 'payment' | 'kept'
  email?: string
  conversation?: string
  created_at: string
}

export interface Came {
  items: CameRow[]
  cursor?: string
}

export interface TextRow {
  kind: string
  title: string
  marketing: boolean
  staff: boolean
  languages: { locale: string; version: number }[]
}

export interface TextVersion {
  version: number
  shipped: boolean
  by?: string
  created_at: string
}

export interface Text {
  kind: string
  locale: string
  title: string
  subject: string
  body: string
  version: number
  newest: number
  names: string[]
  filters: string[]
  versions: TextVersion[]
}

export interface TextFault {
  line: number
  message: string
}

export interface TextPreview {
  faults: TextFault[]
  subject?: string
  plain?: string
}

export const LANGUAGES: Readonly<Record<string, string>> = { en: 'English', es: 'Spanish' }

/** In the order in which they want attention. */
export const STATES: readonly (readonly [EmailState, string])[] = [
  ['unknown', 'Unknown'],
  ['failed', 'Failed'],
  ['bounced', 'Bounced'],
  ['held', 'Held'],
  ['waiting', 'Waiting'],
  ['sending', 'Being sent'],
  ['sent', 'Sent'],
  ['suppressed', 'Not wanted'],
]

const NAMES = new Map(STATES)

export function stateOf(state: EmailState): string {
  return NAMES.get(state) ?? state
}

export function lookOf(state: EmailState): 'good' | 'warn' | 'bad' | 'plain' {
  if (state === 'sent') return 'good'
  if (state === 'unknown' || state === 'failed' || state === 'bounced') return 'bad'
  return state === 'held' ? 'warn' : 'plain'
}

const CAUSES: Readonly<Record<string, string>> = {
  NoServer: 'no SMTP server is configured',
  Placeholder: 'its address, or our own, is still a placeholder',
  Suppressed: 'this address gets no such mail',
  Unsubscribed: 'its reader unsubscribed',
  WorkerGone: 'the worker died while it was being sent',
  NoAnswer: 'the server’s answer could not be read',
  SMTPServerDisconnected: 'the connection was cut',
  SMTPConnectError: 'the server could not be reached',
  SMTPConnectTimeoutError: 'the server did not answer in time',
  SMTPReadTimeoutError: 'the server did not answer in time',
  TimeoutError: 'the server did not answer in time',
}

const STEPS: Readonly<Record<string, string>> = {
  Greeting: 'the server refused us',
  Sender: 'the server refused our address',
  Recipient: 'the recipient’s server refused the address',
  Data: 'the server refused the text',
}

/** Why it is in its state, or nothing where that needs no words. */
export function causeOf({ error }: Pick<EmailRow, 'error'>): string {
  if (!error) return ''
  const step = /^(Greeting|Sender|Recipient|Data)(\d{3})(?: ([\d.]+))?$/.exec(error)
  if (step) return `${STEPS[step[1] ?? '']} (${[step[2], step[3]].filter(Boolean).join(' ')})`
  const back = /^Returned ?(.*)$/.exec(error)
  if (back) return back[1] ? `it came back (${back[1]})` : 'it came back'
  return CAUSES[error] ?? `it ended with ${error}`
}

export function mayRetry(state: EmailState): boolean {
  return state === 'held' || state === 'failed' || state === 'unknown'
}

export const OUTCOMES: Readonly<Record<CameRow['outcome'], string>> = {
  threaded: 'Went on in its conversation',
  bounce: 'Told that a mail came back',
  payment: 'Notice of a payment',
  kept: 'Kept, nobody answered it',
}

export function titleOf(kind: string): string {
  const words = kind.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** `booking_confirmation-en` in the address of a page is `booking_confirmation.en` over HTTP. */
export function textName(item: string): string {
  return item.replace(/-(\w+)$/, '.$1')
}

/** Where a line of a text begins and ends, for the caret. */
export function placeOf(text: string, line: number): readonly [number, number] {
  const lines = text.split('\n')
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0)
  return [start, start + (lines[line - 1]?.length ?? 0)]
}
