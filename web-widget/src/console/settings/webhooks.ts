/** Webhooks and API tokens as the server tells of them, and in words. */

export interface Webhook {
  id: string
  url: string
  description: string
  events: string[]
  on: boolean
  off_reason?: 'staff' | 'gone' | 'failing'
  failing_since?: string
  previous_until?: string
  created_at: string
  /** Only where it was just made. */
  secret?: string
}

export interface Attempt {
  number: number
  at: string
  status?: number
  error?: string
  duration_ms: number
}

export interface Delivery {
  id: string
  message_id: string
  endpoint: string
  type: string
  state: 'waiting' | 'delivered' | 'failed'
  attempts: number
  created_at: string
  next_at?: string
  last?: Attempt
}

export interface DeliveryLog {
  items: Delivery[]
  cursor?: string
}

export interface DeliveryDetail {
  delivery: Delivery
  payload: Record<string, unknown>
  attempts: Attempt[]
}

export interface ApiToken {
  id: string
  name: string
  begins: string
  scopes: string[]
  staff_name: string
  created_at: string
  expires_at?: string
  last_used_at?: string
  /** Only where it was just made. */
  token?: string
}

export const SCOPES: readonly (readonly [string, string, string])[] = [
  ['read', 'Read', 'Conversations with their messages, staff, saved replies'],
  ['write', 'Write', 'Notes for staff, and replies to customers whom a person answers'],
  ['admin', 'Administer', 'Webhooks, and reading sites and the audit trail'],
]

const ERRORS: Readonly<Record<string, string>> = {
  timeout: 'No answer within 10 seconds',
  connect: 'Nobody listens at this address',
  reset: 'The connection was cut',
  dns: 'The name leads nowhere',
  tls: 'Its certificate is not good',
  address_refused: 'The address is in a private network',
  protocol: 'It did not answer in HTTP',
}

/** How a try ended, for a person: the status where there was one. */
export function outcome(one: Attempt): string {
  if (one.status !== undefined)
    return one.error === 'redirect' ? `answered ${one.status}, a redirect` : `answered ${one.status}`
  return ERRORS[one.error ?? ''] ?? 'It did not work'
}

export const STATES: Readonly<Record<Delivery['state'], string>> = {
  waiting: 'waiting',
  delivered: 'delivered',
  failed: 'failed',
}

/** Whether it works, in a word and a line: `bad` where somebody has to look. */
export function health(hook: Webhook, moment: (at: string) => string): { word: string; line: string; bad: boolean } {
  if (hook.off_reason === 'gone') return { word: 'off', line: 'Its server said that it is gone (410).', bad: true }
  if (hook.off_reason === 'failing') return { word: 'off', line: 'Switched off: it failed for three days.', bad: true }
  if (!hook.on) return { word: 'off', line: 'Switched off.', bad: false }
  if (hook.failing_since)
    return { word: 'failing', line: `Nothing got through since ${moment(hook.failing_since)}.`, bad: true }
  return { word: 'on', line: '', bad: false }
}

/** "3 events", or what they are where they are few. */
export function eventsLine(hook: Webhook, all: number): string {
  if (hook.events.length >= all) return 'Every event'
  return hook.events.length <= 2 ? hook.events.join(', ') : `${hook.events.length} events`
}

export const took = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`)
