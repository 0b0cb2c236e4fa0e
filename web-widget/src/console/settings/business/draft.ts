/** What is being edited and not saved yet: one's own content on the version it began with, and what does not read as a value yet. Pure. */
import { at, type Content, dotted, type Fault, type Json, type Path, put, same } from './profile'
import { DISHES } from './sections'
import { type Kind, keyFor, read, write } from './typed'

export interface Draft {
  basedOn: number
  base: Content
  content: Content
  /** What stands in fields whose words mean no value, by path. */
  typed: Readonly<Record<string, string>>
  /** Why, by path: our own words at once, the server's after a save. */
  faults: readonly Fault[]
  /** The whole as text, once it was edited as text. */
  text: string | null
}

export function begin(number: number, content: Content): Draft {
  return { basedOn: number, base: content, content, typed: {}, faults: [], text: null }
}

export function isChanged(draft: Draft, toml: string): boolean {
  if (draft.text !== null) return draft.text !== toml
  return Object.keys(draft.typed).length > 0 || !same(draft.content, draft.base)
}

export function type(draft: Draft, path: Path, kind: Kind, words: string): Draft {
  const name = dotted(path)
  const { [name]: _, ...typed } = draft.typed
  const faults = without(draft.faults, name)
  // Without Spanish words the English ones are read.
  if (path.at(-1) === 'es' && !words.trim()) return set(draft, path, undefined)
  const meant = read(kind, words)
  if ('value' in meant) {
    // A text keeps its blanks while one types; they go when it is saved.
    const value = kind === 'text' ? words : meant.value
    return { ...draft, typed, faults, content: put(draft.content, path, value) }
  }
  const fault = { path: name, what: meant.fault, why: '', todo: '' }
  return { ...draft, typed: { ...typed, [name]: words }, faults: [...faults, fault] }
}

export function set(draft: Draft, path: Path, value: Json | undefined): Draft {
  const name = dotted(path)
  const below = (other: string) => other === name || other.startsWith(`${name}.`)
  const typed = Object.fromEntries(Object.entries(draft.typed).filter(([other]) => !below(other)))
  return {
    ...draft,
    typed,
    content: put(draft.content, path, value),
    faults: draft.faults.filter(f => !below(f.path)),
  }
}

/** What stands in a field. */
export function standing(draft: Draft, path: Path, kind: Kind): string {
  return draft.typed[dotted(path)] ?? write(kind, at(draft.content, path))
}

/** What is wrong with a value, or with something in it. */
export function faultAt(draft: Draft, path: Path): string | null {
  const name = dotted(path)
  const found = draft.faults.find(f => f.path === name)
  return found ? inWords(found) : null
}

export function faultsBelow(draft: Draft, path: Path): readonly Fault[] {
  const name = dotted(path)
  return draft.faults.filter(f => f.path === name || f.path.startsWith(`${name}.`))
}

export function inWords({ what, why, todo }: Fault): string {
  return why ? `${what}: ${why}. ${todo}.` : what
}

function without(faults: readonly Fault[], path: string): readonly Fault[] {
  return faults.filter(f => f.path !== path)
}

const NEW_DISH = 'new_dish'

/** A dish that is new gets its key when it is saved, by the name that it has then. */
export function newDish(dishes: readonly { readonly key: string }[]): { key: string; en: string } {
  const taken = dishes.map(one => one.key)
  return { key: keyFor(NEW_DISH, taken), en: 'New dish' }
}

export function named(content: Content): Content {
  return DISHES.reduce((found, section) => {
    const path = ['menu', section.key]
    const dishes = at(found, path) as unknown as readonly { key: string; en: string }[] | undefined
    if (!dishes?.some(one => one.key.startsWith(NEW_DISH))) return found
    const keyed: { key: string; en: string }[] = []
    for (const one of dishes) {
      const taken = [...dishes, ...keyed].filter(other => other !== one).map(other => other.key)
      keyed.push(one.key.startsWith(NEW_DISH) ? { ...one, key: keyFor(one.en, taken) } : one)
    }
    return put(found, path, keyed as unknown as Json)
  }, content)
}

/** As it is kept while one looks at another page; null where there is nothing to keep. */
export function kept(draft: Draft, toml: string): string | null {
  return isChanged(draft, toml) ? JSON.stringify(draft) : null
}

export function taken(words: string | null): Draft | null {
  if (words === null) return null
  try {
    const found = JSON.parse(words) as Partial<Draft>
    const whole = typeof found.basedOn === 'number' && found.base && found.content && found.typed && found.faults
    return whole ? { text: null, ...(found as Omit<Draft, 'text'>) } : null
  } catch {
    return null
  }
}
