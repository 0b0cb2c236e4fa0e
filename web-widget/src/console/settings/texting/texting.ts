/** The text channel as the gateway tells it, and in words. Pure. */
import { plain } from '../../complaints/complaints'

export interface TextNumber {
  number: string
  sends: boolean
  high_volume: boolean
  pictures: boolean
}

export interface Texting {
  at: string
  provider: 'none' | 'ringcentral'
  /** Names of settings without which the provider cannot be asked. */
  missing: string[]
  number?: string
  numbers: TextNumber[]
  subscription: {
    state: 'none' | 'active' | 'suspended'
    expires_at?: string
    checked_at?: string
    told_at?: string
    polled_at?: string
    read_until?: string
    error?: string
  }
  flow: {
    announced: number
    oldest_seconds: number
    taken: number
    last_in?: string
    last_out?: string
    out: Readonly<Record<string, number>>
  }
  limits: {
    per_minute: number
    per_number_hour: number
    per_prefix_hour: number
    per_day: number
    per_month: number
    from_time: string
    to_time: string
    countries: string[]
    cents_per_segment: number
  }
  poll_seconds: number
}

export const PROVIDER = { none: 'None', ringcentral: 'RingCentral' } as const
export const SUBSCRIPTION = { none: 'Not subscribed', active: 'Active', suspended: 'Suspended' } as const

/** Seconds that a text may wait to be fetched, and looks that may be left out, before somebody should hear of it. */
const LATE_S = 60
const LOOKS = 3

/** What is wrong now, the gravest first; nothing where there is no provider, for then nothing is expected of it. */
export function alarms(of: Texting): string[] {
  if (of.provider === 'none') return []
  const { subscription, flow } = of
  const found: string[] = []
  if (of.missing.length > 0)
    found.push(`${PROVIDER[of.provider]} cannot be asked: ${of.missing.join(', ')} ${are(of.missing.length)} not set.`)
  if (subscription.state === 'suspended')
    found.push('The provider has suspended the webhook. It is made anew by itself; texts are looked for meanwhile.')
  if (flow.announced > 0 && flow.oldest_seconds > LATE_S)
    found.push(`${count(flow.announced, 'text')} came in and ${are(flow.announced)} not fetched yet.`)
  if (lookedLate(of)) found.push('Nobody has looked for texts for a while. Is a worker running?')
  if ((flow.out.unknown ?? 0) > 0) found.push(`Nobody knows whether ${count(flow.out.unknown ?? 0, 'text')} arrived.`)
  if (of.numbers.length > 0 && !of.numbers.some(one => one.sends))
    found.push('None of our numbers may send texts. The provider says so of each of them.')
  return found
}

function lookedLate({ at, subscription, poll_seconds, missing }: Texting): boolean {
  if (missing.length > 0 || !subscription.polled_at) return false
  return Date.parse(at) - Date.parse(subscription.polled_at) > LOOKS * poll_seconds * 1000
}

/** What one of our numbers can do, in words. */
export function abilities(one: TextNumber): string {
  if (!one.sends) return 'Cannot send texts'
  const can = ['texts', one.pictures && 'pictures', one.high_volume && 'high volume'].filter(Boolean)
  return `Sends ${can.join(', ')}`
}

/** Texts that go out by how they stand, the most telling first; states that nobody is in are left out. */
export function standing(out: Readonly<Record<string, number>>): [string, number][] {
  const order = ['unknown', 'failed', 'held', 'waiting', 'sending', 'sent', 'delivered', 'refused', 'cancelled']
  const rank = (state: string) => (order.includes(state) ? order.indexOf(state) : order.length)
  return Object.entries(out)
    .filter(([, n]) => n > 0)
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([state, n]) => [plain(state), n])
}

/** "+15105550142" as people read it; a number of another country as it is. */
export function phone(number: string): string {
  const american = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number)
  return american ? `(${american[1]}) ${american[2]}-${american[3]}` : number
}

/** "1 text", "2 texts". */
export function count(n: number, what: string): string {
  return `${n.toLocaleString('en-US')} ${what}${n === 1 ? '' : 's'}`
}

function are(n: number): string {
  return n === 1 ? 'is' : 'are'
}
