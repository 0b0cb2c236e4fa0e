/** Whom a campaign is for, as rows that a person fills in: each a condition, joined by "each" or "any". Pure. */
import { centsOf } from '../complaints/complaints'
import type { Filter } from './campaigns'

export type Kind =
  | 'booked'
  | 'upcoming'
  | 'spent'
  | 'party'
  | 'lead'
  | 'quiet'
  | 'campaigned'
  | 'language'
  | 'state'
  | 'zone'
  | 'near'

export interface Field {
  name: string
  label: string
  kind: 'number' | 'dollars' | 'words' | 'zip' | 'choices'
  options?: readonly (readonly [value: string, label: string])[]
  must?: true
  /** In a line; without it the label stands before the value. */
  told?: (value: string) => string
}

type Value = string | readonly string[]
export interface Row {
  /** Its own while the form is open. */
  key: number
  kind: Kind
  not: boolean
  values: Readonly<Record<string, Value>>
}

export interface Rows {
  join: 'all' | 'any'
  rows: readonly Row[]
}

export const EVERYBODY: Filter = { all: [] }
const DAYS = 'number'
const ZONES = [
  ['America/New_York', 'Eastern'],
  ['America/Chicago', 'Central'],
  ['America/Denver', 'Mountain'],
  ['America/Phoenix', 'Arizona'],
  ['America/Los_Angeles', 'Pacific'],
  ['America/Anchorage', 'Alaska'],
  ['Pacific/Honolulu', 'Hawaii'],
] as const
const asIs = (value: string) => value
const STATUSES = ['new', 'working', 'qualified', 'nurturing', 'converted', 'disqualified'] as const

/** In this order where one is added. Without `must` one of the fields is enough. */
export const KINDS: Readonly<Record<Kind, { label: string; fields: readonly Field[]; none?: true }>> = {
  booked: {
    label: 'Parties they had',
    fields: [
      { name: 'times_from', label: 'At least', kind: 'number' },
      { name: 'times_to', label: 'At most', kind: 'number' },
      { name: 'last_before_days', label: 'Last before (days)', kind: DAYS, told: n => `the last over ${n} days ago` },
      { name: 'last_within_days', label: 'Last within (days)', kind: DAYS, told: n => `the last within ${n} days` },
    ],
  },
  upcoming: { label: 'Have a party ahead', fields: [], none: true },
  spent: {
    label: 'Spent so far',
    fields: [
      { name: 'cents_from', label: 'At least, in dollars', kind: 'dollars', told: n => `at least $${n}` },
      { name: 'cents_to', label: 'At most, in dollars', kind: 'dollars', told: n => `at most $${n}` },
    ],
  },
  party: {
    label: 'Guests of their largest party',
    fields: [
      { name: 'guests_from', label: 'At least', kind: 'number' },
      { name: 'guests_to', label: 'At most', kind: 'number' },
    ],
  },
  lead: {
    label: 'Are a lead',
    none: true,
    fields: [
      {
        name: 'temperatures',
        label: 'How warm',
        kind: 'choices',
        options: [
          ['hot', 'Hot'],
          ['warm', 'Warm'],
          ['cold', 'Cold'],
        ],
      },
      { name: 'statuses', label: 'How it stands', kind: 'choices', options: STATUSES.map(one => [one, one]) },
      { name: 'sources', label: 'From', kind: 'words' },
    ],
  },
  quiet: {
    label: 'Have not written for a while',
    fields: [{ name: 'days', label: 'For so many days', kind: DAYS, must: true, told: n => `for ${n} days` }],
  },
  campaigned: {
    label: 'Got a campaign of late',
    fields: [{ name: 'days', label: 'Within so many days', kind: DAYS, must: true, told: n => `within ${n} days` }],
  },
  language: {
    label: 'Language',
    fields: [
      {
        name: 'locales',
        label: 'Written to in',
        kind: 'choices',
        must: true,
        options: [
          ['en', 'English'],
          ['es', 'Spanish'],
        ],
      },
    ],
  },
  state: { label: 'State', fields: [{ name: 'states', label: 'Like CA, NV', kind: 'words', must: true, told: asIs }] },
  zone: {
    label: 'Time zone of their number',
    fields: [{ name: 'zones', label: 'May be in', kind: 'choices', must: true, options: ZONES }],
  },
  near: {
    label: 'Near a ZIP code',
    fields: [
      { name: 'zip', label: 'ZIP', kind: 'zip', must: true, told: asIs },
      { name: 'miles', label: 'Miles at most', kind: 'number', must: true, told: n => `within ${n} miles` },
    ],
  },
}

export const KIND_NAMES = Object.keys(KINDS) as Kind[]

let last = 0
export function row(kind: Kind, not = false, values: Row['values'] = {}): Row {
  last += 1
  return { key: last, kind, not, values }
}

/** The filter as rows; null where it is deeper than rows can show. */
export function read(filter: Filter): Rows | null {
  const join = 'any' in filter ? 'any' : 'all'
  const parts = Array.isArray(filter[join]) ? (filter[join] as Filter[]) : [filter]
  const rows = parts.map(readRow)
  return rows.every(one => one !== null) ? { join, rows } : null
}

function readRow(part: Filter): Row | null {
  const not = 'not' in part
  const one = (not ? part.not : part) as Filter
  const kind = KIND_NAMES.find(name => name === one.is)
  if (!kind) return null
  const values = Object.fromEntries(KINDS[kind].fields.map(field => [field.name, shown(field, one[field.name])]))
  return row(kind, not, values)
}

function shown(field: Field, value: unknown): Value {
  if (field.kind === 'choices') return Array.isArray(value) ? value.map(String) : []
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return value.join(', ')
  return field.kind === 'dollars' ? String(Number(value) / 100) : String(value)
}

/** The rows as a filter; those that say nothing yet are left out. */
export function write({ join, rows }: Rows): Filter {
  const whole = rows.filter(one => fault(one) === null).map(writeRow)
  // Of nothing said, "any" would be nobody.
  return whole.length === 0 ? EVERYBODY : { [join]: whole }
}

function writeRow({ kind, not, values }: Row): Filter {
  const said = KINDS[kind].fields.flatMap(field => {
    const value = written(field, values[field.name] ?? '')
    return value === null ? [] : [[field.name, value] as const]
  })
  const condition = { is: kind, ...Object.fromEntries(said) }
  return not ? { not: condition } : condition
}

/** Null where it says nothing, or nothing of that kind. */
function written(field: Field, value: Value): number | string | string[] | null {
  if (typeof value !== 'string') return value.length > 0 ? [...value] : null
  const typed = value.trim()
  if (!typed) return null
  if (field.kind === 'dollars') return centsOf(typed)
  if (field.kind === 'number') return /^\d{1,4}$/.test(typed) ? Number(typed) : null
  if (field.kind === 'zip') return /^\d{5}$/.test(typed) ? typed : null
  const words = typed.split(/[\s,]+/).filter(Boolean)
  return field.name === 'states' ? words.map(word => word.toUpperCase()) : words.map(word => word.toLowerCase())
}

/** What a row still lacks, in words; null where it is whole. */
export function fault(one: Row): string | null {
  const { fields, none } = KINDS[one.kind]
  for (const field of fields) {
    const value = one.values[field.name] ?? ''
    if (value.length > 0 && written(field, value) === null) return `“${field.label}” is not as it should be.`
    if (field.must && value.length === 0) return `Say “${field.label}”.`
  }
  const said = fields.some(field => written(field, one.values[field.name] ?? '') !== null)
  return said || none ? null : 'Fill in one of them, or take the condition away.'
}

/** The filter in a line, for a list. */
export function inWords(filter: Filter): string {
  const rows = read(filter)
  if (!rows) return 'A filter of several levels'
  if (rows.rows.length === 0) return 'Everybody who agreed to marketing by text'
  const said = rows.rows.map(rowInWords).join(rows.join === 'all' ? '; and ' : '; or ')
  return said.charAt(0).toUpperCase() + said.slice(1)
}

function rowInWords({ kind, not, values }: Row): string {
  const { label, fields } = KINDS[kind]
  const said = fields.flatMap(field => {
    const value = values[field.name] ?? ''
    if (value.length === 0) return []
    const names = typeof value === 'string' ? value : value.map(one => nameOf(field, one)).join(', ')
    return [field.told?.(names) ?? `${field.label.toLowerCase()} ${names}`]
  })
  return `${not ? 'not: ' : ''}${label.toLowerCase()}${said.length > 0 ? ` (${said.join(', ')})` : ''}`
}

function nameOf(field: Field, value: string): string {
  return field.options?.find(([one]) => one === value)?.[1] ?? value
}
