/** The talk as plain text, oldest first: what was said, by whom, when. Pure. */
import { cardOf } from '../protocol/cards'
import { inWords } from '../protocol/files'
import type { Thread } from '../protocol/thread'
import type { Author } from '../protocol/wire'
import { cardInWords } from './cards'
import type { Language, Strings } from './strings'

export function transcript(thread: Thread, business: string, t: Strings, language: Language): string {
  const said = thread.events.flatMap(e => {
    const when = new Date(e.at).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' })
    const card = e.kind === 'card' && cardOf(e)
    if (card) return [`[${when}] ${cardInWords(card, t)}`]
    if (e.kind !== 'message') return []
    const cut = e.message.interrupted ? ` (${t.interrupted})` : ''
    return [`[${when}] ${nameOf(e.message.author, t)}: ${inWords(e.message)}${cut}`]
  })
  return `${[business, ...said].filter(Boolean).join('\n\n')}\n`
}

function nameOf(author: Author, t: Strings): string {
  if (author.kind === 'customer') return t.you
  if (author.kind === 'ai') return author.name || t.assistant
  return author.name || t.team
}
