/** Going through pairs and saying which answer is better: where one goes next, what a key means, on which side the candidate stands. Pure. */
import type { Line, Preference } from './shadows'

/** The pair after or before this one; the first where this is none of the list; null at the ends. */
export function neighbour(items: readonly Line[], id: string | null, by: 1 | -1): string | null {
  const at = items.findIndex(one => one.id === id)
  return (at < 0 ? items[0] : items[at + by])?.id ?? null
}

/** The next that nobody judged, behind this one or else before it, of those whose words are kept; null where none is left. */
export function nextUnjudged(items: readonly Line[], id: string | null): string | null {
  const at = items.findIndex(one => one.id === id)
  const around = [...items.slice(at + 1), ...items.slice(0, Math.max(at, 0))]
  return (
    around.find(one => one.state === 'done' && one.question !== undefined && one.preference === undefined)?.id ?? null
  )
}

/** The list, this pair judged so. */
export function marked(items: readonly Line[], id: string, preference: Preference | null): Line[] {
  return items.map(one => (one.id === id ? { ...one, preference: preference ?? undefined } : one))
}

/** What was said of a pair before, so that it can be said again. */
export interface Judged {
  id: string
  before: Preference | null
}

export type Place = 'left' | 'right'

/** Where the candidate's answer stands: to the right; blind, on a side that the pair's id decides, the same whenever one looks. */
export function placeOf(id: string, blind: boolean): Place {
  if (!blind) return 'right'
  let sum = 7
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 65_521
  return sum % 2 === 0 ? 'left' : 'right'
}

/** `1`: the left answer is better, `2`: the right one, `0`: equal. */
export function meant(key: '0' | '1' | '2', candidate: Place): Preference {
  if (key === '0') return 'tie'
  return (key === '1') === (candidate === 'left') ? 'candidate' : 'primary'
}
