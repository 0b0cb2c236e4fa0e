/** What a screen reader hears of a streaming text: whole sentences, once each, never tokens. */

const END = /[.!?…](?=\s)|\n+/g

/** The part of `text` beyond `from` that may be spoken now, and where speaking stands then. */
export function sentences(text: string, from: number, done: boolean): { say: string; upTo: number } {
  if (done) return { say: plain(text.slice(from)), upTo: text.length }
  let upTo = from
  for (const match of text.slice(from).matchAll(END)) upTo = from + match.index + match[0].length
  return { say: plain(text.slice(from, upTo)), upTo }
}

/** Markdown's marks are for the eye: neither the ear nor one line of the inbox wants them. */
export function plain(text: string): string {
  return text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^\s*[-*+]\s+/gm, '')
    .replace(/[*_`#>|~]+/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}
