/** People who may be one, as the gateway tells them, in words. Pure. */
import { visible } from '../../text/markdown'
import { phone } from '../settings/texting/texting'
import { moment } from '../when'

export type Common = 'phone' | 'email' | 'name'

export interface Suggestion {
  id: string
  customer: string
  name?: string
  why: Common[]
  ways: { kind: 'email' | 'phone'; value: string; verified: boolean }[]
  conversation?: string
  at: string
}

export interface Joined {
  id: string
  name?: string
  reason: 'phone_code' | 'identity' | 'staff'
  by?: string
  at: string
  may_part: boolean
}

export interface Conversation {
  id: string
  channel: string
  state: string
  preview: string
  at: string
}

/** Their number was taken for a machine: nothing is answered there by itself until then. */
export interface Muted {
  until: string
  why?: 'alike' | 'echo' | 'fast'
}

export interface Person {
  id: string
  muted?: Muted
  suggestions: Suggestion[]
  joined: Joined[]
  conversations: Conversation[]
}

const COMMON: Record<Common, string> = { phone: 'phone number', email: 'e-mail address', name: 'name' }

/** `The same phone number and name`. */
export function inCommon(why: readonly Common[]): string {
  return `The same ${why.map(one => COMMON[one]).join(' and ')}`
}

/** How it was known that they are one. */
export function because({ reason, by, at }: Joined): string {
  const how = {
    phone_code: 'Proved by a code sent to their phone',
    identity: 'Proved by the site that they signed in to',
    staff: by ? `${by} said so` : 'A colleague said so',
  }[reason]
  return `${how}, ${moment(at)}`
}

/** "(415) 555-7001", "ana@example.net (not verified)". */
export function wayOf({ kind, value, verified }: Suggestion['ways'][number]): string {
  const shown = kind === 'phone' ? phone(value) : visible(value)
  return verified ? shown : `${shown} (not verified)`
}

/** What there is to show beside the conversation that is open. */
export function others(person: Person, open: string): Conversation[] {
  return person.conversations.filter(one => one.id !== open)
}

const LIKE_A_MACHINE = {
  alike: 'It wrote the same again and again.',
  echo: 'It sent back what it got.',
  fast: 'It answered faster than anybody types.',
}

/** Why the assistant is silent there, and how long; nothing where it answers by now. */
export function silence(muted: Muted | undefined, now: number): string | null {
  if (!muted || Date.parse(muted.until) <= now) return null
  const why = muted.why ? `${LIKE_A_MACHINE[muted.why]} ` : ''
  return `${why}The assistant answers nothing here until ${moment(muted.until)}. You still can.`
}
