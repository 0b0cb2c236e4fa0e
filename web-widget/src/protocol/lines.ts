/** What a thread looks like from top to bottom: its events, unsent messages and the growing reply as a list of lines. */
import type { Outbox, Outgoing } from './outbox'
import { currentReply, type Reply, type Thread } from './thread'
import type { Author, ChatEvent, Message, Owner, StaffEvent } from './wire'

export type Line =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'message'; key: string; at: string; seq: number; message: Message; first: boolean }
  | { kind: 'reply'; key: string; reply: Reply; first: boolean }
  | { kind: 'outgoing'; key: string; outgoing: Outgoing; first: boolean }
  | { kind: 'owner'; key: string; at: string; owner: Owner; by: Author }
  | { kind: 'closed'; key: string; at: string }
  | { kind: 'failed'; key: string; at: string }
  | { kind: 'staff'; key: string; at: string; event: StaffEvent }

/** The lines in order; `first` marks the first of a run by one author; `mine` is the author of what is not sent yet. */
export function lines(thread: Thread, outbox: Outbox, conversation: string | null, mine: string): Line[] {
  const durable = merged(thread.events.flatMap(ofEvent), thread.staff.map(ofStaff))
  const unsent = outbox.filter(o => o.conversation === conversation).map(ofOutgoing)
  const reply = currentReply(thread)
  const live: Line[] = reply ? [{ kind: 'reply', key: `turn:${reply.turn}`, reply, first: true }] : []
  return grouped(withDays(inReadingOrder([...durable, ...unsent, ...live])), mine)
}

/** A takeover is logged before the words that it cut; the eye wants the words first, also while they are live. */
function inReadingOrder(list: Line[]): Line[] {
  const out: Line[] = []
  for (const line of list) {
    // Closing gives the conversation back in the same breath; one line says it.
    if (line.kind === 'closed' && sameBreath(out.at(-1), line)) out.pop()
    const cut =
      line.kind === 'reply' || (line.kind === 'message' && Boolean(line.message.interrupted && line.message.turn))
    let place = out.length
    while (cut && takesFromAi(out[place - 1])) place -= 1
    out.splice(place, 0, line)
  }
  return out
}

function sameBreath(before: Line | undefined, closed: Line): boolean {
  return before?.kind === 'owner' && before.owner === 'ai' && when(closed) - when(before) < 2000
}

function takesFromAi(line: Line | undefined): boolean {
  return line?.kind === 'owner' && line.owner !== 'ai'
}

function ofEvent(e: ChatEvent): Line[] {
  const key = `e${e.seq}`
  switch (e.kind) {
    case 'message': {
      // The bubble that streamed stays the same bubble when its message comes.
      const same = e.message.turn ? `turn:${e.message.turn}` : (e.message.client_id ?? key)
      return [{ kind: 'message', key: same, at: e.at, seq: e.seq, message: e.message, first: true }]
    }
    case 'owner_changed':
      return [{ kind: 'owner', key, at: e.at, owner: e.owner, by: e.by }]
    case 'closed':
      return [{ kind: 'closed', key, at: e.at }]
    case 'reply_finished':
      return e.outcome === 'failed' && !e.message ? [{ kind: 'failed', key, at: e.at }] : []
    default:
      return []
  }
}

function ofStaff(event: StaffEvent): Line {
  return { kind: 'staff', key: `s${event.staff_seq}`, at: event.at, event }
}

function ofOutgoing(outgoing: Outgoing): Line {
  return { kind: 'outgoing', key: outgoing.id, outgoing, first: true }
}

/** Two logs, each in its own order, woven by time. */
function merged(a: Line[], b: Line[]): Line[] {
  if (b.length === 0) return a
  const out: Line[] = []
  let i = 0
  for (const line of a) {
    for (let next = b[i]; next && when(next) < when(line); next = b[++i]) out.push(next)
    out.push(line)
  }
  return out.concat(b.slice(i))
}

function when(line: Line): number {
  if (line.kind === 'outgoing') return line.outgoing.at
  return 'at' in line ? Date.parse(line.at) : Number.POSITIVE_INFINITY
}

function withDays(list: Line[]): Line[] {
  let day = ''
  return list.flatMap(line => {
    if (!('at' in line)) return [line]
    const here = new Date(line.at).toDateString()
    if (here === day) return [line]
    day = here
    return [{ kind: 'day', key: `d${here}`, at: line.at } as Line, line]
  })
}

function grouped(list: Line[], mine: string): Line[] {
  let before = ''
  return list.map(line => {
    const who = author(line, mine)
    const first = who === '' || who !== before
    before = who
    return 'first' in line && line.first !== first ? { ...line, first } : line
  })
}

/** Who speaks in a line, as a key; empty for lines between speakers. */
export function speaker(author: Author): string {
  return author.kind === 'human' ? `human:${author.name}` : author.kind
}

function author(line: Line, mine: string): string {
  if (line.kind === 'message') return speaker(line.message.author)
  if (line.kind === 'outgoing') return line.outgoing.kind === 'note' ? 'note' : mine
  return line.kind === 'reply' ? 'ai' : ''
}

/** The name of the person who has the conversation, as far as the log tells. */
export function lastHuman(thread: Thread): string | null {
  for (let i = thread.events.length - 1; i >= 0; i--) {
    const e = thread.events[i]
    if (e?.kind === 'owner_changed') return e.owner === 'human' ? e.by.name || null : null
    if (e?.kind === 'message' && e.message.author.kind === 'human') return e.message.author.name || null
  }
  return null
}
