/** What the assistant of the staff is asked and answers, and what waits: values and HTTP, no page. */
import { call } from '../api'
import { clock, shortDay } from '../calendar/dates'
import { money } from '../calendar/parties'
import { saveAnswer } from '../download'
import { dollars } from '../settings/figures'

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
/** Something that is done once whoever asked says yes; `text` is what would be written, whole. */
export interface Deed {
  id: string
  verb: string
  title: string
  changes: string
  text?: string
  state: 'proposed' | 'done' | 'declined' | 'failed' | 'expired'
  result?: string
}
export interface GuideStep {
  text: string
  state: 'done' | 'todo' | 'unknown'
  verb?: string
  link?: string
  label?: string
}
export interface Guide {
  guide: string
  title: string
  steps: GuideStep[]
  conversation?: string
  needs_conversation: boolean
}
export interface GuideOffer {
  guide: string
  title: string
  about: 'conversation' | 'business'
}
export interface Answer {
  answer: string
  rows: Found[]
  actions: Proposal[]
  tables: Table[]
  proposals: Deed[]
  guide?: Guide
}
export interface Alert extends Found {
  kind:
    | 'handoff'
    | 'unclaimed'
    | 'unpaid'
    | 'lead'
    | 'document'
    | 'question'
    | 'budgets'
    | 'emails'
    | 'texts'
    | 'dead_letters'
    | 'shadows'
    | 'campaigns'
  key: string
}
export interface Alerts {
  items: Alert[]
  unpaid: number
  leads: number
  handoffs: number
  unclaimed: number
  documents: number
  questions: number
  dead_letters?: number
  emails?: number
  texts?: number
  shadows?: number
  budgets?: number
  campaigns?: number
}

export const EXAMPLES = [
  'What is on today?',
  'Who has a party this weekend without deposit?',
  'Which leads wait?',
  'Who waits for a person?',
  'Conversations by day last week',
] as const
export const LONGEST = 1000

export const TITLES: readonly { kind: Alert['kind']; title: string; count(of: Alerts): number }[] = [
  { kind: 'handoff', title: 'Overdue handoffs', count: of => of.handoffs },
  { kind: 'unclaimed', title: 'Handoffs nobody has claimed', count: of => of.unclaimed },
  { kind: 'unpaid', title: 'Soon, without a deposit', count: of => of.unpaid },
  { kind: 'lead', title: 'Leads nobody has written to', count: of => of.leads },
  { kind: 'document', title: 'Documents that could not be read', count: of => of.documents },
  { kind: 'question', title: 'Asked often, and nothing answers', count: of => of.questions },
  { kind: 'budgets', title: 'Budgets nearly spent', count: of => of.budgets ?? 0 },
  { kind: 'campaigns', title: 'Campaigns that paused by themselves', count: of => of.campaigns ?? 0 },
  { kind: 'emails', title: 'E-mails of unknown fate', count: of => of.emails ?? 0 },
  { kind: 'texts', title: 'Texts of unknown fate', count: of => of.texts ?? 0 },
  { kind: 'dead_letters', title: 'Not delivered', count: of => of.dead_letters ?? 0 },
  { kind: 'shadows', title: 'Shadows that fail', count: of => of.shadows ?? 0 },
]

export function alerts(): Promise<Alerts> {
  return call('GET', 'alerts')
}

/** How many things wait; what could not be delivered is one of them, however much it is. */
export function waiting(found: Alerts): number {
  return TITLES.reduce(
    (sum, { kind, count }) => sum + (kind === 'dead_letters' ? Math.min(count(found), 1) : count(found)),
    0,
  )
}

/** Without one of them, before the server is asked again. */
export function without(found: Alerts, key: string): Alerts {
  const gone = found.items.find(one => one.key === key)
  if (!gone) return found
  const field = FIELDS[gone.kind]
  const less = COUNTED_AS_ONE.includes(gone.kind) ? 0 : (found[field] ?? 0) - 1
  return { ...found, items: found.items.filter(one => one.key !== key), [field]: Math.max(less, 0) }
}

/** Of these one line tells of all. */
const COUNTED_AS_ONE: readonly Alert['kind'][] = ['dead_letters', 'emails', 'texts']

const FIELDS: Record<Alert['kind'], Exclude<keyof Alerts, 'items'>> = {
  handoff: 'handoffs',
  unclaimed: 'unclaimed',
  unpaid: 'unpaid',
  lead: 'leads',
  document: 'documents',
  question: 'questions',
  budgets: 'budgets',
  emails: 'emails',
  texts: 'texts',
  dead_letters: 'dead_letters',
  shadows: 'shadows',
  campaigns: 'campaigns',
}

/** A link of the console itself, else nothing: what was found leads nowhere else. */
export function within(link: string | undefined): string | null {
  return link && /^#\/[\w/-]*$/.test(link) ? link : null
}

/** The exchange of a guide that was chosen, not asked for. */
export function answerOf(guide: Guide): Answer {
  const answer = guide.needs_conversation ? 'Open the conversation first, and each step shows whether it is done.' : ''
  return { answer, rows: [], actions: [], tables: [], proposals: [], guide }
}

/** The answer with a proposal as it is now. */
export function settled(answer: Answer, deed: Deed): Answer {
  const known = answer.proposals.some(one => one.id === deed.id)
  const proposals = known ? answer.proposals.map(one => (one.id === deed.id ? deed : one)) : [...answer.proposals, deed]
  return { ...answer, proposals }
}

// Tables

export type CellKind =
  | 'text'
  | 'number'
  | 'money'
  | 'dollars'
  | 'day'
  | 'month'
  | 'moment'
  | 'minutes'
  | 'state'
  | 'link'
export type Cell = string | number | boolean | null
export interface Table {
  report: string
  title: string
  /** How it was counted, made from what really ran. */
  counted: string
  columns: { name: string; title: string; kind: CellKind }[]
  rows: Cell[][]
  total: number
  parameters: Record<string, unknown>
}

const RIGHT: ReadonlySet<CellKind> = new Set(['number', 'money', 'dollars', 'minutes'])

export function isFigure(kind: CellKind): boolean {
  return RIGHT.has(kind)
}

/** One cell, for a person. Days and moments are the venue's, and read so in every browser. */
export function cellOf(value: Cell, kind: CellKind): string {
  if (value === null || value === '') return ''
  const text = String(value)
  if (kind === 'money') return money(Number(value))
  if (kind === 'dollars') return dollars(Number(value))
  if (kind === 'number' || kind === 'minutes') return Number(value).toLocaleString('en-US')
  if (kind === 'state') return text.replaceAll('_', ' ')
  if (kind === 'day') return shortDay(text)
  if (kind === 'month') return text.slice(0, 7)
  if (kind === 'moment') return `${shortDay(text.slice(0, 10))}, ${clock(text.slice(11))}`
  return text
}

/** All rows of a table as a file, saved by the browser. Raises ApiError with the server's words. */
export async function exportTable(table: Table, csrf: string): Promise<void> {
  const body = { report: table.report, parameters: table.parameters }
  await saveAnswer('reports/export', body, csrf, `${table.report}.csv`)
}
