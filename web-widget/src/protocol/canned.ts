/** Saved replies behind a slash: which are meant by what stands in the field. Pure. */
import { found } from '../text/fuzzy'

export interface Canned {
  id: string
  shortcut: string
  title: string
  text: string
  locale: string | null
}

/** The letters after a slash that begins the field, or null: a slash inside a sentence is a slash. */
export function slash(text: string): string | null {
  return /^\/([^\s/]*)$/.exec(text)?.[1] ?? null
}

/** Those meant, best first: a shortcut that begins with the letters before a title that holds them. */
export function meant(all: readonly Canned[], letters: string): Canned[] {
  const begins = all.filter(c => letters !== '' && c.shortcut.toLowerCase().startsWith(letters.toLowerCase()))
  return [...begins, ...found(letters, all, c => `${c.shortcut} ${c.title}`).filter(c => !begins.includes(c))]
}
