/** Campaigns as the gateway tells them. */

export type State = 'draft' | 'approved' | 'running' | 'paused' | 'stopped' | 'done'
export type Outcome =
  | 'planned'
  | 'skipped'
  | 'waiting'
  | 'sent'
  | 'delivered'
  | 'failed'
  | 'replied'
  | 'booked'
  | 'opted_out'
export type Texts = Readonly<Record<string, string>>

export interface Tally {
  recipients: number
  planned: number
  skipped: number
  waiting: number
  sent: number
  delivered: number
  failed: number
  replied: number
  booked: number
  opted_out: number
  reminded: number
  segments: number
  cost_microdollars: number
  revenue_cents: number
}

export interface Card {
  id: string
  name: string
  season?: string
  variant: string
  state: State
  pause_reason?: 'staff' | 'opt_outs' | 'provider'
  rev: number
  drafted_by: 'staff' | 'generator'
  drafted_name?: string
  approved_by?: string
  approved_at?: string
  started_at?: string
  finished_at?: string
  /** "2026-11-01" and "10:00:00", of each recipient's day. */
  send_on?: string
  send_from?: string
  per_minute: number
  created_at: string
  changed_at: string
  tally?: Tally
}

export interface Campaigns {
  items: Card[]
  before?: string
}

export interface Check {
  code: string
  level: 'error' | 'warning'
  message: string
  field?: string
}

export interface Sample {
  locale: string
  text: string
  encoding: 'gsm7' | 'ucs2'
  segments: number
}

export interface LeftOut {
  why: string
  customers: number
}

export interface Count {
  matched: number
  reachable: number
  locales: Readonly<Record<string, number>>
  zones: Readonly<Record<string, number>>
  left_out: LeftOut[]
}

export interface Forecast {
  recipients: number
  segments: number
  cost_microdollars: number
  minutes: number
  per_minute: number
  zones: { zone: string; recipients: number; first_at: string }[]
}

/** A condition, or some that are joined; `filters.ts` reads and writes it. */
export type Filter = { readonly [name: string]: unknown }
export interface Audience {
  filter: Filter
}

export interface Campaign {
  campaign: Card
  segment?: string
  segment_name?: string
  audience: Audience
  texts: Texts
  reminder: Texts
  reminder_after_hours?: number
  offer_percent?: number
  editable: boolean
  checks: Check[]
  samples: Sample[]
  reminder_samples: Sample[]
  count?: Count
  forecast?: Forecast
}

export interface Preview {
  samples: Sample[]
  reminder_samples: Sample[]
  checks: Check[]
}

export interface Drafted {
  texts: DraftedText[]
  reminder: DraftedText[]
  cost_microdollars: number
  reminder_cost_microdollars: number
}

interface DraftedText extends Sample {
  /** Who worded it: a model's name, or `house`. */
  model: string
}

export interface Drafts {
  drafts: Drafted[]
  recipients: number
}

export interface Season {
  key: string
  name: Texts
  opens: string
  closes: string
  day?: string
  open_now: boolean
  campaigns: string[]
}

export interface Seasons {
  seasons: Season[]
  others: string[]
  variants: string[]
  win_back_percent: number
  win_back_months: number
  placeholders: string[]
}

export interface Point {
  at: string
  sent: number
  delivered: number
  failed: number
  replied: number
  booked: number
  opted_out: number
}

export interface Results {
  tally: Tally
  opt_out_share: number
  skipped: { why: string; recipients: number }[]
  zones: { zone: string; planned: number; written: number; skipped: number; next_at?: string }[]
  unit: 'hour' | 'day'
  series: Point[]
}

export interface Recipient {
  number: string
  customer: string
  name?: string
  conversation?: string
  locale: string
  zone: string
  state: 'planned' | 'written' | 'skipped'
  text_state?: string
  why?: string
  due_at: string
  written_at?: string
  replied_at?: string
  booked_at?: string
  booking?: string
  opted_out_at?: string
  reminded: boolean
}

export interface Recipients {
  items: Recipient[]
  after?: string
}

export interface Segment {
  id: string
  name: string
  audience: Audience
  campaigns: number
  changed_at: string
}
