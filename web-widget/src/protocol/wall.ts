/** The live wall: which conversations that the AI answers are looked at, and what each card says. Pure. */
import type { Desk } from './desk'
import { inWords } from './files'
import { groups } from './groups'
import { lines } from './lines'
import { currentReply } from './thread'
import type { Row } from './wire'

/** So many streams are watched at once; a page of them is what one person can take in. */
export const WALL = 24

export interface Card {
  row: Row
  /** What the customer asked last. */
  asked: string
  /** The AI's words: growing, or the last that it said. */
  said: string
  stage: string | null
  streaming: boolean
  /** Since when the reply is written, or when something last happened; milliseconds since 1970. */
  since: number | null
}

/** The wall of now: cards that were on it keep their places, newcomers follow, at most `WALL`. */
export function wall(desk: Desk, now: number, before: readonly string[]): string[] {
  const live = groups(desk, now).ai.map(row => row.id)
  const here = new Set(live)
  const kept = before.filter(id => here.has(id))
  const known = new Set(kept)
  return [...kept, ...live.filter(id => !known.has(id))].slice(0, WALL)
}

export function card(desk: Desk, id: string): Card | null {
  const row = desk.rows[id]
  if (!row) return null
  const thread = desk.threads[id]
  const events = thread?.events ?? []
  const reply = thread ? currentReply(thread) : null
  const spoken = (kind: 'customer' | 'ai') => {
    const last = events.filter(e => e.kind === 'message' && e.message.author.kind === kind).at(-1)
    return last?.kind === 'message' ? inWords(last.message) : row.preview_author === kind ? row.preview : ''
  }
  const began = events.find(e => (e.kind === 'reply_started' || e.kind === 'restarted') && e.turn === reply?.turn)
  return {
    row,
    asked: spoken('customer'),
    said: reply ? reply.text : spoken('ai'),
    stage: reply && reply.text === '' ? reply.stage : null,
    streaming: reply !== null,
    since: began ? Date.parse(began.at) : (desk.touched[id] ?? null),
  }
}

/** What was said last, for a look without opening the conversation. */
export interface Said {
  key: string
  kind: 'customer' | 'ai' | 'human' | 'system'
  name: string
  text: string
  /** It is still being written. */
  live: boolean
}

export function lastSaid(desk: Desk, id: string, most = 6): Said[] {
  const thread = desk.threads[id]
  if (!thread) return []
  const customer = desk.rows[id]?.customer || 'Visitor'
  const out: Said[] = []
  const all = lines(thread, [], id, '')
  for (let i = all.length - 1; i >= 0 && out.length < most; i--) {
    const line = all[i]
    if (line?.kind === 'reply' && line.reply.text)
      out.push({ key: line.key, kind: 'ai', name: 'Assistant', text: line.reply.text, live: true })
    else if (line?.kind === 'message') {
      const { kind, name } = line.message.author
      out.push({
        key: line.key,
        kind,
        name: kind === 'customer' ? customer : name || 'AI',
        text: inWords(line.message),
        live: false,
      })
    } else if (line?.kind === 'card')
      out.push({
        key: line.key,
        kind: 'system',
        name: '',
        text: [line.card.title, line.card.total].filter(Boolean).join(' '),
        live: false,
      })
  }
  return out.reverse()
}
