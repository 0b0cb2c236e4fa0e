/** What the assistant of the staff is asked and answers, and what waits: values and HTTP, no page. */
import { call } from '../api'

export interface Found {
  title: string
  detail: string
  /** A place in the console, `#/...`. */
  link?: string
}
/** A place where a person does it; the assistant did nothing. */
export interface Proposal {
  kind: 'conversation' | 'handoff' | 'draft' | 'page' | 'calendar'
  label: string
  target: string
}
export interface Answer {
  answer: string
  rows: Found[]
  actions: Proposal[]
}
export interface Alert extends Found {
  kind: 'unpaid' | 'lead' | 'handoff' | 'dead_letters' | 'emails' | 'shadows'
}
export interface Alerts {
  items: Alert[]
  unpaid: number
  leads: number
  handoffs: number
  dead_letters?: number
  emails?: number
  shadows?: number
}

export const EXAMPLES = [
  'What is on today?',
  'Who has not paid?',
  'Which leads wait?',
  'Who waits for a person?',
] as const
export const LONGEST = 1000

export const TITLES: readonly { kind: Alert['kind']; title: string }[] = [
  { kind: 'handoff', title: 'Overdue handoffs' },
  { kind: 'unpaid', title: 'Soon, without a deposit' },
  { kind: 'lead', title: 'Leads nobody has written to' },
  { kind: 'emails', title: 'E-mails of unknown fate' },
  { kind: 'dead_letters', title: 'Not delivered' },
  { kind: 'shadows', title: 'Shadows that fail' },
]

export function alerts(): Promise<Alerts> {
  return call('GET', 'alerts')
}

/** How many things wait; what could not be delivered is one of them, however much it is. */
export function waiting(found: Alerts): number {
  const { unpaid, leads, handoffs, dead_letters, emails, shadows } = found
  return unpaid + leads + handoffs + (dead_letters ? 1 : 0) + (emails ?? 0) + (shadows ?? 0)
}

/** A link of the console itself, else nothing: what was found leads nowhere else. */
export function within(link: string | undefined): string | null {
  return link && /^#\/[\w/-]*$/.test(link) ? link : null
}
