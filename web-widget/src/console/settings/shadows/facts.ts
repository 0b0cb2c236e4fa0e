/** Amounts, dates, tools and handoffs that only one answer of a pair has, as labels. Pure: what the server compared is put in words. */
import { KINDS, type Kind } from './shadows'

export interface Fact {
  kind: Kind
  /** "Amount", "Date": the label. */
  name: string
  text: string
}

const NAMES: Readonly<Record<Kind, string>> = { amounts: 'Amount', dates: 'Date', tools: 'Tool', handoff: 'Handoff' }

type Compared = Readonly<Record<string, unknown>>

/** What only this side has; nothing of what the server did not compare. */
export function factsOf(agreement: Compared, side: 'primary' | 'candidate'): Fact[] {
  return KINDS.flatMap(kind => {
    const only = record(agreement[kind])?.[`only_${side}`]
    return Array.isArray(only) ? only.map(value => ({ kind, name: NAMES[kind], text: said(kind, value) })) : []
  })
}

/** In which of the four both agree, in which not; without those that were not compared. */
export function verdicts(agreement: Compared): { kind: Kind; agrees: boolean }[] {
  return KINDS.flatMap(kind => {
    const agrees = record(agreement[kind])?.agrees
    return typeof agrees === 'boolean' ? [{ kind, agrees }] : []
  })
}

/** "quote(guests: 12)": a call in a line. */
export function callOf(name: unknown, args: unknown): string {
  const fields = record(args)
  if (!fields) return `${text(name)}(${args === null || args === undefined ? '' : text(args)})`
  const given = Object.entries(fields).filter(([, value]) => value !== null)
  return `${text(name)}(${given.map(([key, value]) => `${key}: ${text(value)}`).join(', ')})`
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

/** Dates with their weekday, as people compare them. */
function said(kind: Kind, value: unknown): string {
  const day = kind === 'dates' && typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)
  if (!day) return text(value)
  const shown = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' } as const
  return new Date(`${value}T00:00:00Z`).toLocaleDateString(undefined, shown)
}

function record(value: unknown): Record<string, unknown> | null {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}
