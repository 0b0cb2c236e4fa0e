/** People who may be one, as the gateway tells them, in words. Pure. */
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

export interface Person {
  id: string
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

/** What there is to show beside the conversation that is open. */
export function others(person: Person, open: string): Conversation[] {
  return person.conversations.filter(one => one.id !== open)
}
