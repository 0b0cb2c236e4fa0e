/** What models cost, in words and in the bars of a plot. Money is whole micro-dollars. Pure. */
import { dollars } from '../figures'

export interface Cost {
  calls: number
  tokens_in: number
  tokens_out: number
  microdollars: number
  unpriced: number
}

export interface NamedCost extends Cost {
  name: string
}

export interface DayCost {
  day: string
  model: string
  microdollars: number
  calls: number
}

export interface TalkCost extends Cost {
  conversation: string
  customer?: string
  last_at: string
}

export interface BudgetToday {
  scope: 'all' | 'site' | 'visitor' | 'shadow'
  name: string
  spent: number
  held: number
  limit?: number
}

export interface Costs {
  first: string
  last: string
  today: string
  configured: boolean
  refused: number
  total: Cost
  days: DayCost[]
  models: NamedCost[]
  agents: NamedCost[]
  roles: NamedCost[]
  conversations: TalkCost[]
  budgets: BudgetToday[]
  conversation_limit?: number
}

export const SPANS = [7, 30, 90] as const
export type Span = (typeof SPANS)[number]

const DAY_MS = 86_400_000

export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** "1,204 calls", "1 call". */
export function calls(value: number): string {
  return `${count(value)} ${value === 1 ? 'call' : 'calls'}`
}

/** Asked for without days, the server tells of this many. */
export const USUAL: Span = 30

/** The question for so many days until today, which is the server's: it knows which day it is where the business is. */
export function question(span: Span, today: string | undefined): string {
  return span === USUAL || today === undefined ? 'costs' : `costs?first=${daysBefore(today, span - 1)}`
}

export function daysBefore(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - days * DAY_MS).toISOString().slice(0, 10)
}

/** Every day from the first to the last, both included. */
export function daysOf(first: string, last: string): string[] {
  const number = Math.round((Date.parse(`${last}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / DAY_MS) + 1
  return Array.from({ length: Math.max(0, number) }, (_, n) => daysBefore(last, number - 1 - n))
}

/** "28 Nov" as the reader's country writes it. */
export function shortDay(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' })
}

const ROLES: Readonly<Record<string, string>> = {
  answer: 'Replies to customers',
  draft: 'Drafts for staff',
  admin: 'Questions of staff',
  student: 'Second answers',
  critic: 'Judging two answers',
  shadow: 'Shadows',
  shadow_critic: 'Judging shadows',
}

export function roleOf(name: string): string {
  return ROLES[name] ?? inWords(name)
}

export function agentOf(name: string): string {
  return name === '' ? 'No agent' : inWords(name)
}

function inWords(name: string): string {
  const words = name.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const SCOPES: Readonly<Record<BudgetToday['scope'], (name: string) => string>> = {
  all: () => 'Everything',
  site: name => `Site ${name}`,
  visitor: () => 'The visitor who cost most',
  shadow: name => `Shadow ${name}`,
}

export function budgetOf({ scope, name }: BudgetToday): string {
  return SCOPES[scope](name)
}

/** "$3.20 of $20.00", "$3.20, no limit". */
export function stands({ spent, limit }: BudgetToday): string {
  return limit === undefined ? `${dollars(spent)}, no limit` : `${dollars(spent)} of ${dollars(limit)}`
}

/** Which part of a budget is spent, and which is held for calls that run; together 1 at most. */
export function shares({ spent, held, limit }: BudgetToday): { spent: number; held: number } {
  if (limit === undefined) return { spent: 0, held: 0 }
  if (limit === 0) return { spent: 1, held: 0 }
  const first = Math.min(1, spent / limit)
  return { spent: first, held: Math.min(1 - first, held / limit) }
}

/** Nearly nothing is left: the next call may be refused. */
export function usedUp({ spent, held, limit }: BudgetToday): boolean {
  return limit !== undefined && spent + held >= limit * 0.98
}

/** Those that have something to show: a limit, or a cost. */
export function shownBudgets(budgets: readonly BudgetToday[]): BudgetToday[] {
  return budgets.filter(one => one.limit !== undefined || one.spent > 0)
}

/** More models than colours share the last one. */
export const COLOURS = 4
export const OTHERS = 'Others'

export interface Stack {
  day: string
  /** By the place of the series in `names`. */
  values: number[]
}

/** The models of a plot, the dearest first, and what each cost on each day; those beyond the colours are put together. */
export function stacks(costs: Costs): { names: string[]; days: Stack[] } {
  const dear = costs.models.filter(one => one.microdollars > 0).map(one => one.name)
  const names = dear.length > COLOURS + 1 ? [...dear.slice(0, COLOURS), OTHERS] : dear
  const days = daysOf(costs.first, costs.last).map(day => ({ day, values: names.map(() => 0) }))
  const at = new Map(days.map(one => [one.day, one]))
  for (const { day, model, microdollars } of costs.days) {
    const place = names.includes(model) ? names.indexOf(model) : names.length - 1
    const values = at.get(day)?.values
    if (values?.[place] !== undefined) values[place] += microdollars
  }
  return { names, days }
}

export interface Bar {
  x: number
  y: number
  width: number
  height: number
}

/** One day's bars, from the bottom up; null for what cost nothing. `most` is the dearest day's sum. */
export function bars(values: readonly number[], n: number, days: number, most: number, width: number, height: number) {
  const step = width / Math.max(1, days)
  let top = height
  return values.map((value): Bar | null => {
    if (value === 0 || most === 0) return null
    const tall = Math.max(1, (value / most) * height)
    top = Math.max(0, top - tall)
    return { x: n * step + step * 0.12, y: top, width: step * 0.76, height: tall }
  })
}

export const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0)
