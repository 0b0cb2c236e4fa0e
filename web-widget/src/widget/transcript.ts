/** The talk as plain text, oldest first: what was said, by whom, when. Pure. */
import { inWords } from '../protocol/files'
import type { Thread } from '../protocol/thread'
import type { Author } from '../protocol/wire'
import type { Language, Strings } from './strings'

export function transcript(thread: Thread, business: string, t: Strings, language: Language): string {
  const said = thread.events.flatMap(e => {
    if (e.kind !== 'message') return []
    const when = new Date(e.at).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' })
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
