/** Finding by a few letters: all of them in order; whole starts of words count most. Pure. */

/** How well `text` answers `query`; null where a letter is missing. Accents and case do not matter. */
export function fuzzy(query: string, text: string): number | null {
  const wanted = folded(query).replace(/\s+/g, '')
  const there = folded(text)
  let score = 0
  let at = -1
  for (const letter of wanted) {
    const next = there.indexOf(letter, at + 1)
    if (next < 0) return null
    const starts = next === 0 || /[\s·:,/-]/.test(there[next - 1] ?? '')
    score += next === at + 1 ? 3 : starts ? 4 : 0
    score -= Math.min(next - at - 1, 10) / 10
    at = next
  }
  return score
}

/** Those that answer, best first; equals keep their order. */
export function found<T>(query: string, all: readonly T[], textOf: (item: T) => string): T[] {
  if (!query.trim()) return [...all]
  return all
    .flatMap(item => {
      const score = fuzzy(query, textOf(item))
      return score === null ? [] : [{ item, score }]
    })
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item)
}

/** What was typed, but of a phone number its digits alone, without North America's 1: however it is written, it is the same number. */
export function asNumber(typed: string): string {
  const digits = typed.replace(/\D/g, '')
  return digits.length >= 4 && /^[\d\s()+./-]+$/.test(typed) ? digits.replace(/^1(?=\d{10}$)/, '') : typed
}

function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}
