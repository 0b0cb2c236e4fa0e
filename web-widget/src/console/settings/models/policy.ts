/** How models answer: the policy as it is read, edited and told in words. Pure. */
import { onTop, same } from '../business/profile'
import { dollars } from '../business/typed'

export type Strategy = 'fallback' | 'hedge' | 'consensus'
export interface Way {
  strategy: Strategy | null
  models: string[]
  student: string | null
  critic: string | null
  hedge_after_ms: number | null
}
export type BudgetName = 'visitor_day_cents' | 'conversation_cents' | 'site_day_cents' | 'day_cents'
export interface Shadow {
  model: string
  sample: number
  day_cents: number | null
  concurrency: number
  agents: string[]
  critic: string | null
  critic_sample: number
}
export interface Policy {
  answer: string[]
  strategy: Strategy
  student: string | null
  critic: string | null
  hedge_after_ms: number | null
  stakes: Partial<Record<string, Way>>
  agents: Partial<Record<string, Way>>
  /** Versions of instructions by agent, where it is not the usual one. */
  prompts: Partial<Record<string, string>>
  budget: Record<BudgetName, number | null>
  shadows: Shadow[]
}
export interface PolicyVersion {
  number: number
  policy?: Policy
  note?: string
  by?: string
  at?: string
}
export interface Offered {
  name: string
  litellm: string
  provider: string
  key: 'set' | 'missing' | 'not_needed'
}
/** An agent whose instructions there are in several versions; the usual one is the first. */
export interface PromptsOffered {
  name: string
  versions: { version: string; about: string; changed: string }[]
}
export interface PolicyFault {
  path: string
  why: string
}
export interface Ensemble {
  number: number
  saved: boolean
  policy: Policy
  file: Policy
  faults: PolicyFault[]
  models: Offered[]
  agents: string[]
  prompts: PromptsOffered[]
  versions: PolicyVersion[]
  more: boolean
}

export const HOUSE = 'house'
/** The version of instructions that holds where nothing else is said. */
export const USUAL = 'usual'
export const STRATEGIES: readonly { id: Strategy; name: string; words: string }[] = [
  { id: 'fallback', name: 'Fallback', words: 'One after the other: the next one where one fails.' },
  {
    id: 'hedge',
    name: 'Hedge',
    words: 'The second starts where the first is unusually slow; whoever begins first answers.',
  },
  { id: 'consensus', name: 'Consensus', words: 'The first and another answer at once; the better answer is sent.' },
]
export const BUDGETS: readonly { id: BudgetName; name: string }[] = [
  { id: 'visitor_day_cents', name: 'One customer in a day' },
  { id: 'conversation_cents', name: 'One conversation' },
  { id: 'site_day_cents', name: 'One site in a day' },
  { id: 'day_cents', name: 'Everything in a day' },
]
const UNSET: Way = { strategy: null, models: [], student: null, critic: null, hedge_after_ms: null }

/** With "house" written out at the end of every list: a list says the same with it and without. */
export function tidy(policy: Policy): Policy {
  const list = (names: string[]) => (names.length === 0 ? names : [...names.filter(name => name !== HOUSE), HOUSE])
  const all = (ways: Partial<Record<string, Way>>) =>
    Object.fromEntries(Object.entries(ways).map(([key, way]) => [key, way && { ...way, models: list(way.models) }]))
  const prompts = Object.fromEntries(Object.entries(policy.prompts ?? {}).filter(([, version]) => version !== USUAL))
  return { ...policy, answer: list(policy.answer), stakes: all(policy.stakes), agents: all(policy.agents), prompts }
}

/** Whether any way of this policy names the model. */
export function names(policy: Policy, model: string): boolean {
  const ways = [DEFAULT, ...exceptions(policy, []).own].map(place => wayAt(policy, place))
  const all = policy.answer.length === 0
  return (
    all ||
    ways.some(way => way.models.includes(model) || way.student === model || way.critic === model) ||
    policy.shadows.some(shadow => shadow.model === model || shadow.critic === model)
  )
}

/** Where a way stands: for all turns, for stakes, for an agent. */
export type Place = { kind: 'default' } | { kind: 'stakes' | 'agents'; name: string }
export const DEFAULT: Place = { kind: 'default' }

export function placeName(place: Place): string {
  if (place.kind === 'default') return 'All turns'
  if (place.kind === 'stakes') return place.name === 'low' ? 'Low stakes' : 'High stakes'
  return agentName(place.name)
}

/** "Staff's assistant", "Pricing". */
export function agentName(agent: string): string {
  if (agent === 'admin') return 'Staff’s assistant'
  if (agent === 'summary') return 'Summaries'
  return agent.slice(0, 1).toUpperCase() + agent.slice(1)
}

/** Those that have a way of their own, and those that could. */
export function exceptions(policy: Policy, agents: readonly string[]): { own: Place[]; free: Place[] } {
  const all: Place[] = [
    ...['low', 'high'].map(name => ({ kind: 'stakes' as const, name })),
    ...[...new Set([...agents, ...Object.keys(policy.agents)])].map(name => ({ kind: 'agents' as const, name })),
  ]
  const has = (place: Place) => place.kind !== 'default' && policy[place.kind][place.name] !== undefined
  return { own: all.filter(has), free: all.filter(place => !has(place)) }
}

export function wayAt(policy: Policy, place: Place): Way {
  if (place.kind !== 'default') return policy[place.kind][place.name] ?? UNSET
  const { strategy, answer, student, critic, hedge_after_ms } = policy
  return { strategy, models: answer, student, critic, hedge_after_ms }
}

/** The policy with another way there; null takes an exception away. */
export function withWay(policy: Policy, place: Place, way: Way | null): Policy {
  if (place.kind === 'default') {
    const { models, strategy, ...rest } = way ?? UNSET
    return { ...policy, ...rest, answer: models, strategy: strategy ?? 'fallback' }
  }
  const { [place.name]: _, ...others } = policy[place.kind]
  return { ...policy, [place.kind]: way ? { ...others, [place.name]: way } : others }
}

/** A way for a start: everything as all turns have it. */
export const asDefault = (): Way => ({ ...UNSET })

/** What counts there: what the exception leaves open is as for all turns. */
export function resolved(policy: Policy, place: Place, known: readonly string[]): Way & { strategy: Strategy } {
  const [own, base] = [wayAt(policy, place), wayAt(policy, DEFAULT)]
  const models = own.models.length > 0 ? own.models : base.models
  return {
    strategy: own.strategy ?? base.strategy ?? 'fallback',
    models: (models.length > 0 ? models : known).filter(name => name !== HOUSE),
    student: own.student ?? base.student,
    critic: own.critic ?? base.critic,
    hedge_after_ms: own.hedge_after_ms ?? base.hedge_after_ms,
  }
}

/** "fallback: a, then b, then the house", "consensus of a and b, judged by c". */
export function wayWords(policy: Policy, place: Place, known: readonly string[]): string {
  const { strategy, models, student, critic, hedge_after_ms } = resolved(policy, place, known)
  const [first, second] = models
  if (first === undefined) return 'the house alone'
  if (strategy === 'hedge' && second !== undefined) {
    const when = hedge_after_ms === null ? 'its usual time' : `${hedge_after_ms} ms`
    return `hedge of ${first} and ${second} after ${when}${then(models.slice(2))}`
  }
  if (strategy === 'consensus') {
    const judge = critic === null ? 'the better grounded answer' : `judged by ${critic}`
    return `consensus of ${first} and ${student ?? 'nobody'}, ${judge}`
  }
  return `fallback: ${first}${then(models.slice(1))}`
}

/** Why this way cannot be gone; the server says the same of it. Null where it can. */
export function impassable(policy: Policy, place: Place, known: readonly string[]): string | null {
  const { strategy, models, student } = resolved(policy, place, known)
  if (strategy === 'hedge' && models.length < 2) return 'A hedge needs two models.'
  if (strategy !== 'consensus') return null
  if (models.length === 0) return 'A consensus needs a model that answers first.'
  if (student === null) return 'A consensus needs somebody who answers beside the first model: choose a student.'
  return student === models[0] ? `${student} is the first model, too: choose another student.` : null
}

function then(names: readonly string[]): string {
  return [...names, 'the house'].map(name => `, then ${name}`).join('')
}

export function move(names: readonly string[], from: number, to: number): string[] {
  const copy = [...names]
  const [taken] = copy.splice(from, 1)
  if (taken === undefined) return copy
  copy.splice(Math.max(0, Math.min(to, copy.length)), 0, taken)
  return copy
}

export interface Difference {
  what: string
  before: string
  after: string
}

/** What saving would change, a line for each thing. `known`: names of the models, in the order of the settings. */
export function differences(before: Policy, after: Policy, known: readonly string[]): Difference[] {
  return [
    ...ways(before, after, known),
    ...prompts(before, after),
    ...budgets(before, after),
    ...shadows(before, after),
  ]
}

/** Which version holds for an agent. */
export function promptOf(policy: Policy, agent: string): string {
  return policy.prompts?.[agent] ?? USUAL
}

/** The policy with this version for an agent; the usual one is not written down. */
export function withPrompt(policy: Policy, agent: string, version: string): Policy {
  const { [agent]: _, ...others } = policy.prompts ?? {}
  return { ...policy, prompts: version === USUAL ? others : { ...others, [agent]: version } }
}

/** Whose instructions: those of the first hold whoever has the turn. */
export function promptName(agent: string): string {
  if (agent === 'conversational') return 'What holds for all'
  return agent === 'draft' ? 'Drafts' : agentName(agent)
}

function prompts(before: Policy, after: Policy): Difference[] {
  const agents = [...new Set([...Object.keys(before.prompts ?? {}), ...Object.keys(after.prompts ?? {})])]
  return agents
    .filter(agent => promptOf(before, agent) !== promptOf(after, agent))
    .map(agent => ({
      what: `Instructions: ${promptName(agent)}`,
      before: promptOf(before, agent),
      after: promptOf(after, agent),
    }))
}

function ways(before: Policy, after: Policy, known: readonly string[]): Difference[] {
  const names = (kind: 'stakes' | 'agents') => [...new Set([...Object.keys(before[kind]), ...Object.keys(after[kind])])]
  const places: Place[] = [
    DEFAULT,
    ...names('stakes').map(name => ({ kind: 'stakes' as const, name })),
    ...names('agents').map(name => ({ kind: 'agents' as const, name })),
  ]
  const said = (policy: Policy, place: Place) =>
    place.kind !== 'default' && policy[place.kind][place.name] === undefined
      ? 'as all turns'
      : wayWords(policy, place, known)
  return places
    .filter(
      place => !same(json(wayAt(before, place)), json(wayAt(after, place))) || had(before, place) !== had(after, place),
    )
    .map(place => ({ what: placeName(place), before: said(before, place), after: said(after, place) }))
}

function had(policy: Policy, place: Place): boolean {
  return place.kind === 'default' || policy[place.kind][place.name] !== undefined
}

function budgets(before: Policy, after: Policy): Difference[] {
  return BUDGETS.filter(({ id }) => before.budget[id] !== after.budget[id]).map(({ id, name }) => ({
    what: name,
    before: money(before.budget[id]),
    after: money(after.budget[id]),
  }))
}

function shadows(before: Policy, after: Policy): Difference[] {
  const names = [...new Set([...before.shadows, ...after.shadows].map(one => one.model))]
  const of = (policy: Policy, name: string) => policy.shadows.find(one => one.model === name)
  return names
    .map(name => ({ name, old: of(before, name), next: of(after, name) }))
    .filter(({ old, next }) => !same(json(old ?? null), json(next ?? null)))
    .map(({ name, old, next }) => ({
      what: `Shadow ${name}`,
      before: old ? shadowWords(old) : 'none',
      after: next ? shadowWords(next) : 'none',
    }))
}

export function shadowWords(shadow: Shadow): string {
  const of = shadow.agents.length > 0 ? ` of ${shadow.agents.map(agentName).join(', ')}` : ''
  const judged = shadow.critic === null ? '' : `, ${percent(shadow.critic_sample)} judged by ${shadow.critic}`
  return `${percent(shadow.sample)} of the turns${of}, ${money(shadow.day_cents)} a day, ${shadow.concurrency} at once${judged}`
}

/** "$2", "no limit", "nothing". */
export function money(cents: number | null): string {
  if (cents === null) return 'no limit'
  return cents === 0 ? 'nothing' : dollars(cents)
}

export function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`
}

export function isSame(a: unknown, b: unknown): boolean {
  return same(json(a), json(b))
}

/** One's own changes put on what somebody else saved; shadows go by their model. */
export function combined(base: Policy, mine: Policy, theirs: Policy): Policy {
  const merged = onTop(json(byModel(base)), json(byModel(mine)), json(byModel(theirs))) as unknown as ByModel
  return { ...merged, shadows: Object.values(merged.shadows) }
}

type ByModel = Omit<Policy, 'shadows'> & { shadows: Record<string, Shadow> }
function byModel(policy: Policy): ByModel {
  return { ...policy, shadows: Object.fromEntries(policy.shadows.map(one => [one.model, one])) }
}

type JsonValue = Parameters<typeof same>[0]
const json = (value: unknown) => value as JsonValue
