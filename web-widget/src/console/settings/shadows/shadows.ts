/** Candidates beside what customers got: what the server tells of them, in words and figures. Pure. */
import { NOTHING } from '../figures'

export type Preference = 'primary' | 'candidate' | 'tie'
export type State = 'waiting' | 'done' | 'failed' | 'skipped'

export interface Line {
  id: string
  candidate: string
  primary_model: string
  run: string
  agent: string
  intent: string
  state: State
  error?: string
  similarity?: number
  agrees?: boolean
  critic?: Preference
  preference?: Preference
  question?: string
  created_at: string
}

export interface Lines {
  items: Line[]
  cursor?: string
}

/** A tool that was asked for, as it was recorded. */
export interface Call {
  name?: unknown
  by?: unknown
  arguments?: unknown
  data?: unknown
  error?: unknown
  recorded?: unknown
}

export interface Side {
  model: string
  text?: string
  calls: Call[]
  first_token_ms?: number
  duration_ms?: number
  cost_microdollars?: number
}

export interface Pair extends Omit<Line, 'primary_model'> {
  conversation: string
  channel?: string
  stakes?: string
  primary: Side
  shadow: Side
  agreement: Record<string, unknown>
  critic_why?: string
  preferred_by?: string
  preferred_at?: string
}

export const KINDS = ['amounts', 'dates', 'tools', 'handoff'] as const
export type Kind = (typeof KINDS)[number]
export type Agreement = Partial<Record<Kind | 'all', number>>

export interface SideFigures {
  first_token_p50_ms?: number
  first_token_p95_ms?: number
  duration_p50_ms?: number
  duration_p95_ms?: number
  cost_each_microdollars?: number
}

export interface Figures {
  candidate: string
  intent?: string
  day?: string
  pairs: number
  waiting: number
  failed: number
  skipped: number
  similarity_mean?: number
  similarity_p10?: number
  agreement: Agreement
  shadow: SideFigures
  primary: SideFigures
  cost_microdollars: number
  critic: Record<Preference, number>
  staff: Record<Preference, number>
}

export interface AllFigures {
  configured: string[]
  runs: string[]
  since: string
  candidates: Figures[]
  intents: Figures[]
  days: Figures[]
}

/** What is looked at. Empty: whatever it is; of the candidate: the first. */
export interface Filter {
  candidate: string
  intent: string
  run: string
  days: number
  state: State
  agrees: '' | 'true' | 'false'
  judged: '' | 'true' | 'false'
}
export const LIVE = 'live'
export const FIRST: Filter = { candidate: '', intent: '', run: LIVE, days: 30, state: 'done', agrees: '', judged: '' }
export const SPANS = [7, 30, 90] as const

export function listQuestion(filter: Filter, cursor?: string): string {
  const { candidate, intent, run, state, agrees, judged } = filter
  return asked('shadows', { candidate, intent, run, state, agrees, judged, cursor: cursor ?? '' })
}

/** Without a candidate: of all of them, but neither by intent nor by day. */
export function figuresQuestion({ run, days }: Filter, candidate = '', intent = ''): string {
  return asked('shadows/figures', { candidate, intent, run, days: String(days) })
}

function asked(path: string, given: Readonly<Record<string, string>>): string {
  const some = Object.entries(given).filter(([, value]) => value)
  return some.length ? `${path}?${new URLSearchParams(some)}` : path
}

/** Those that answer now and those that did: by name. */
export function candidatesOf({ configured, candidates }: AllFigures): string[] {
  return [...new Set([...configured, ...candidates.map(one => one.candidate)])].sort()
}

/** Every day from the first to the last that is counted, so that one without pairs is a gap. */
export function daysOf(since: string, count: number): string[] {
  const first = Date.parse(`${since}T00:00:00Z`)
  return Array.from({ length: count }, (_, n) => new Date(first + n * 86_400_000).toISOString().slice(0, 10))
}

/** "5 Dec" of "2026-12-05", wherever the reader is. */
export function shortDay(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' })
}

/** "93 %". */
export function share(value: number | undefined): string {
  return value === undefined ? NOTHING : `${Math.round(value * 100)} %`
}

/** ".93", as similarity is spoken of. */
export function near(value: number | undefined): string {
  return value === undefined ? NOTHING : value.toFixed(2)
}

const INTENTS: Readonly<Record<string, string>> = {
  faq: 'Questions',
  quote: 'Quotes',
  booking: 'Bookings',
  complaint: 'Complaints',
  other: 'Other',
}

export function intentOf(intent: string): string {
  return INTENTS[intent] ?? intent.replaceAll('_', ' ')
}

export function runOf(run: string): string {
  return run === LIVE ? 'Live conversations' : `Replay ${run}`
}

export const STATES: Readonly<Record<State, string>> = {
  done: 'Answered',
  failed: 'Failed',
  skipped: 'Skipped',
  waiting: 'Waiting',
}

/** Who was found better, by staff or by the critic. */
export const BETTER: Readonly<Record<Preference, string>> = {
  primary: "The customer's answer is better",
  candidate: "The candidate's answer is better",
  tie: 'Both are as good',
}

/** "student 4 · equal 2 · customer 1", as often as each was found better. */
export function votes({ candidate, tie, primary }: Record<Preference, number>): string {
  if (candidate + tie + primary === 0) return NOTHING
  return `candidate ${candidate} · equal ${tie} · customer ${primary}`
}

/** "2 failed, 1 skipped": what has no answer to look at. */
export function without({ waiting, failed, skipped }: Pick<Figures, 'waiting' | 'failed' | 'skipped'>): string {
  const all = [
    [waiting, 'waiting'],
    [failed, 'failed'],
    [skipped, 'skipped'],
  ] as const
  return all
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ')
}
