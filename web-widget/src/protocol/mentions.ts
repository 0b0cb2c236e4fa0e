/** Colleagues named in notes as `@name`: what the field asks for, whom a text names, and how it is shown. Pure. */
import { found } from '../text/fuzzy'

export interface Person {
  id: string
  name: string
}
/** A note's text, cut where somebody is named; `staff` is who. */
export interface Piece {
  text: string
  staff?: string
}

/** The letters after an `@` that stands right before the cursor, or null. An address has letters before it. */
export function asked(text: string, cursor: number): string | null {
  return /(?:^|\s)@([^\s@]*)$/.exec(text.slice(0, cursor))?.[1] ?? null
}

export function meant(letters: string, all: readonly Person[]): Person[] {
  return found(letters, all, person => person.name)
}

/** The text and the cursor once somebody was chosen for the letters before it. */
export function chosen(text: string, cursor: number, person: Person): { text: string; cursor: number } {
  const before = text.slice(0, cursor).replace(/@[^\s@]*$/, `@${person.name} `)
  return { text: before + text.slice(cursor).replace(/^ /, ''), cursor: before.length }
}

/** Cut at every `@name` of these people; the longer name first, so that "@Ana Perez" is not "@Ana". */
export function pieces(text: string, people: readonly Person[]): Piece[] {
  const names = [...people].sort((a, b) => b.name.length - a.name.length)
  if (names.length === 0) return [{ text }]
  const any = names.map(p => p.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
  const out: Piece[] = []
  let at = 0
  for (const match of text.matchAll(new RegExp(`(?<=^|\\s)@(${any})(?![\\p{L}\\p{N}])`, 'gu'))) {
    if (match.index > at) out.push({ text: text.slice(at, match.index) })
    out.push({ text: match[0], staff: names.find(p => p.name === match[1])?.id })
    at = match.index + match[0].length
  }
  if (at < text.length) out.push({ text: text.slice(at) })
  return out
}

/** Whom a note calls: everybody of a name that is in it, also where two have the same. */
export function mentioned(text: string, people: readonly Person[]): string[] {
  const named = new Set(pieces(text, people).flatMap(piece => (piece.staff ? [piece.text.slice(1)] : [])))
  return people.filter(person => named.has(person.name)).map(person => person.id)
}
