/** A business profile as the server tells of it, and what one may do with it without asking: read, set, merge. Pure. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }
export type Content = { readonly [name: string]: Json }
/** Names of groups, numbers of list entries. */
export type Path = readonly (string | number)[]

export interface Entry {
  number: number
  source: 'file' | 'console'
  by?: string
  at: string
  note?: string
  based_on?: number
  restored?: number
}
export interface Change {
  path: string
  before?: Json
  after?: Json
}
export interface Fault {
  path: string
  what: string
  why: string
  todo: string
  line?: number
}
export interface Version extends Entry {
  content: Content
  toml: string
  changes: Change[]
}
export interface ProfileAnswer {
  current: Version
  versions: Entry[]
  more: boolean
}
export interface CheckAnswer {
  ok: boolean
  faults: Fault[]
  content?: Content
  toml?: string
  changes: Change[]
}
/** What a 409 tells: who was faster, and what oneself had changed. */
export interface Faster {
  base: number
  current: Version
  mine: Change[]
}

export function dotted(path: Path): string {
  return path.join('.')
}

export function at(value: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((found, step) => {
    if (found === null || typeof found !== 'object') return undefined
    return (found as Record<string | number, Json>)[step]
  }, value)
}

/** The same with another value there; undefined takes it away. */
export function put<T extends Json>(value: T, path: Path, next: Json | undefined): T {
  const [step, ...rest] = path
  if (step === undefined) return next as T
  if (Array.isArray(value)) {
    if (next === undefined && rest.length === 0) return value.filter((_, n) => n !== step) as Json as T
    const copy = [...value]
    copy[step as number] = put((copy[step as number] ?? {}) as Json, rest, next)
    return copy as Json as T
  }
  const group = { ...(value as Content) }
  if (next === undefined && rest.length === 0) delete (group as Record<string, Json>)[step]
  else (group as Record<string, Json>)[step] = put(group[step] ?? {}, rest, next)
  return group as Json as T
}

export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false
  const [left, right] = [Object.entries(a), b as Record<string, Json>]
  return left.length === Object.keys(right).length && left.every(([name, one]) => same(one as Json, right[name]))
}

/** What oneself changed, put on what somebody else saved; where both changed the same value, one's own. */
export function onTop(base: Json | undefined, mine: Json | undefined, theirs: Json | undefined): Json | undefined {
  if (same(mine, base)) return theirs
  if (same(theirs, base) || !isGroup(base) || !isGroup(mine) || !isGroup(theirs)) return mine
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(mine)])]
  const merged = names.map(name => [name, onTop(base[name], mine[name], theirs[name])] as const)
  return Object.fromEntries(merged.filter(([, value]) => value !== undefined)) as Content
}

function isGroup(value: Json | undefined): value is Content {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
