/** A campaign as it stands in the editor, and what of it is to be saved. Pure. */
import type { Audience, Campaign, Filter, Texts } from './campaigns'
import { EVERYBODY } from './filters'

export const LOCALES = ['en', 'es'] as const
const DAY_HOURS = 24

export interface Draft {
  name: string
  /** Empty: none. */
  season: string
  variant: string
  /** Empty: a filter of its own. */
  segment: string
  filter: Filter
  texts: Texts
  reminds: boolean
  reminder: Texts
  after_hours: string
  offer: boolean
  send_on: string
  /** "10:00" */
  send_from: string
  per_minute: string
}

export function draftOf(of: Campaign): Draft {
  const { campaign } = of
  return {
    name: campaign.name,
    season: campaign.season ?? '',
    variant: campaign.variant,
    segment: of.segment ?? '',
    filter: of.audience.filter,
    texts: of.texts,
    reminds: Object.keys(of.reminder).length > 0,
    reminder: of.reminder,
    after_hours: String(of.reminder_after_hours ?? 2 * DAY_HOURS),
    offer: of.offer_percent !== undefined,
    send_on: campaign.send_on ?? '',
    send_from: (campaign.send_from ?? '').slice(0, 5),
    per_minute: String(campaign.per_minute),
  }
}

/** As the gateway takes it, null for what there is none of. */
interface Sent {
  name: string
  season: string | null
  variant: string
  segment: string | null
  audience: Audience | null
  texts: Texts
  reminder: Texts
  reminder_after_hours: number | null
  offer_percent: number | null
  send_on: string | null
  send_from: string | null
  per_minute: number
}

/** `percent`: what the business offers to win somebody back. */
export function sent(draft: Draft, percent: number): Sent {
  const reminder = draft.reminds ? written(draft.reminder) : {}
  return {
    name: draft.name.trim(),
    season: draft.season || null,
    variant: draft.variant,
    segment: draft.segment || null,
    audience: draft.segment ? null : { filter: draft.filter },
    texts: written(draft.texts),
    reminder,
    reminder_after_hours: Object.keys(reminder).length > 0 ? Number(draft.after_hours) : null,
    offer_percent: draft.offer ? percent : null,
    send_on: draft.send_on || null,
    send_from: draft.send_from || null,
    per_minute: Number(draft.per_minute),
  }
}

/** What is to be saved: what differs from what is kept; null where nothing does. */
export function changed(of: Campaign, draft: Draft, percent: number): Partial<Sent> | null {
  const before = sent(draftOf(of), of.offer_percent ?? percent)
  const now = sent(draft, of.offer_percent ?? percent)
  const differs = (Object.keys(now) as (keyof Sent)[]).filter(name => !same(before[name], now[name]))
  if (differs.length === 0) return null
  const patch = Object.fromEntries(differs.map(name => [name, now[name]]))
  // Of a segment and a filter of its own only one counts: the other one is not said.
  if (now.segment) delete patch.audience
  else if ('segment' in patch) patch.audience = now.audience ?? { filter: EVERYBODY }
  return patch
}

/** What keeps it from being saved, in words; null where nothing does. */
export function faultOf(draft: Draft): string | null {
  if (!draft.name.trim()) return 'Give it a name.'
  const perMinute = Number(draft.per_minute)
  if (!Number.isInteger(perMinute) || perMinute < 1) return 'Texts a minute is a whole number, 1 or more.'
  const hours = Number(draft.after_hours)
  if (draft.reminds && !(Number.isInteger(hours) && hours >= 1 && hours <= 14 * DAY_HOURS))
    return 'A reminder goes out 1 to 336 hours later.'
  return null
}

function written(texts: Texts): Texts {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim() !== ''))
}

/** Whatever the order of its names. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(ordered(a)) === JSON.stringify(ordered(b))
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([a], [b]) => a.localeCompare(b))
  return Object.fromEntries(entries.map(([name, part]) => [name, ordered(part)]))
}

const PLACE = /\{\{\s*([\w.]+)\s*\}\}/g

/** What stood for each placeholder in a text as its sample recipient gets it; nothing where the two do not fit each other. */
export function learned(template: string, rendered: string): Readonly<Record<string, string>> {
  const names: string[] = []
  const quoted = template
    .split(PLACE)
    .map((part, at) => {
      if (at % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      names.push(part)
      return '([\\s\\S]*?)'
    })
    .join('')
  const found = new RegExp(`^${quoted}$`).exec(rendered)
  return found ? Object.fromEntries(names.map((name, at) => [name, found[at + 1] ?? ''])) : {}
}

/** The text with what is known to stand for its placeholders; others stay as they are. */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(PLACE, (whole, name: string) => values[name] ?? whole)
}
