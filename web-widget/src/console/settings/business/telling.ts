/** What changed, in words: labels of paths, values as people read them. Pure. */
import type { Change, Entry, Json } from './profile'
import { DISHES, SECTIONS } from './sections'
import { dollars, spoken } from './typed'
import { type Line, saidOf } from './week'

const LABELS = new Map(SECTIONS.flatMap(s => s.fields.map(f => [f.path.join('.'), `${s.title}: ${f.label}`] as const)))
const SMALL: Record<string, string> = {
  en: 'in English',
  es: 'in Spanish',
  price_cents: 'price',
  words: 'words that customers use',
}

/** `Prices and minimums: Per adult`; what the form does not show is told by its names. */
export function label(path: string): string {
  const known = LABELS.get(path)
  if (known) return known
  if (/^people\.hours\b/.test(path)) return 'Hours'
  const [part = '', ...rest] = path.split('.')
  if (path.startsWith('people.special_days')) return ['Special days', ...rest.slice(1).map(human)].join(': ')
  const menu = part === 'menu' && DISHES.find(d => d.key === rest[0])
  if (menu) return [menu.title, ...rest.slice(1).map(human)].join(': ')
  return [human(part), ...rest.map(human)].join(': ')
}

function human(name: string): string {
  const words = SMALL[name] ?? name.replace(/_cents$/, '').replaceAll('_', ' ')
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

/** A value of a change, on a line. */
export function shown(path: string, value: Json | undefined): string {
  if (value === undefined || value === null) return 'nothing'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return path.endsWith('_cents') ? dollars(value) : value.toLocaleString('en-US')
  if (typeof value === 'string') return /^\d\d:\d\d:\d\d$/.test(value) ? spoken(value) : value
  if (path === 'people.hours') return saidOf(value as unknown as Line[])
  if (Array.isArray(value)) return value.length ? value.map(one => shown('', one as Json)).join(', ') : 'none'
  const group = value as Record<string, Json>
  if ('date' in group) {
    const hours = group.from_time && `${spoken(String(group.from_time))} to ${spoken(String(group.to_time))}`
    return `${String(group.date)} ${hours || 'closed'}`
  }
  const priced = typeof group.price_cents === 'number' ? ` (${dollars(group.price_cents)})` : ''
  if (typeof group.en === 'string') return group.en + priced
  return Object.entries(group)
    .map(([name, one]) => `${human(name)}: ${shown(name, one)}`)
    .join(', ')
}

export function sentence(change: Change): { what: string; before: string; after: string } {
  const { path, before, after } = change
  return { what: label(path), before: shown(path, before), after: shown(path, after) }
}

/** Who made a version. */
export function author(entry: Entry): string {
  return entry.by ?? (entry.source === 'file' ? 'the file' : 'somebody who left')
}
