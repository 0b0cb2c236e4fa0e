/** What a thread looks like from top to bottom: its events, unsent messages and the growing reply as a list of lines. */
import { type CardView, cardOf } from './cards'
import type { Outbox, Outgoing } from './outbox'
import { currentReply, type Reply, type Thread } from './thread'
import type { Author, ChatEvent, Message, Owner, StaffEvent } from './wire'

export type Line =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'message'; key: string; at: string; seq: number; message: Message; first: boolean }
  | { kind: 'reply'; key: string; reply: Reply; first: boolean }
  | { kind: 'outgoing'; key: string; outgoing: Outgoing; first: boolean }
  | { kind: 'owner'; key: string; at: string; owner: Owner; by: Author }
  | { kind: 'card'; key: string; at: string; seq: number; card: CardView }
  /** An earlier version of a card that stands further down. */
  | { kind: 'updated'; key: string; at: string; card: CardView }
  | { kind: 'closed'; key: string; at: string }
  | { kind: 'reopened'; key: string; at: string; by: Author }
  | { kind: 'failed'; key: string; at: string }
  | { kind: 'staff'; key: string; at: string; event: StaffEvent }

/**
 * The lines in order; `first` marks the first of a run by one author; `mine` is the author of what is not sent yet.
 * What is settled is worked out once for each log that it is of, so that a token costs the same in a long thread as in a short one.
 */
export function lines(thread: Thread, outbox: Outbox, conversation: string | null, mine: string): readonly Line[] {
  const past = settled(thread.events, thread.staff)
  const unsent = outbox.filter(o => o.conversation === conversation).map(ofOutgoing)
  const reply = currentReply(thread)
  const live: Line[] = reply ? [{ kind: 'reply', key: `turn:${reply.turn}`, reply, first: true }] : []
  if (!unsent.length && !live.length) return past
  let end = past.length
  while (takesFromAi(past[end - 1])) end -= 1
  const last = past[end - 1]
  const tail = inReadingOrder([...past.slice(end), ...unsent, ...live])
  return past.slice(0, end).concat(grouped(tail, mine, last ? author(last, mine) : ''))
}

const settledOf = new WeakMap<readonly ChatEvent[], { staff: readonly StaffEvent[]; list: readonly Line[] }>()

function settled(events: readonly ChatEvent[], staff: readonly StaffEvent[]): readonly Line[] {
  const known = settledOf.get(events)
  if (known?.staff === staff) return known.list
  const all = merged(newestCards(events.flatMap(kept)), staff.flatMap(ofStaff))
  const list = grouped(withDays(inReadingOrder(all)), '', '')
  settledOf.set(events, { staff, list })
  return list
}

const linesOf = new WeakMap<ChatEvent, Line[]>()

function kept(e: ChatEvent): Line[] {
  const known = linesOf.get(e)
  if (known) return known
  const made = ofEvent(e)
  linesOf.set(e, made)
  return made
}

/** A card stands where its last version came; where an earlier one came, a line says that there is another. */
function newestCards(list: Line[]): Line[] {
  const last = new Map<string, CardView>()
  for (const { card } of list.filter(l => l.kind === 'card'))
    if (card.version >= (last.get(card.id)?.version ?? 0)) last.set(card.id, card)
  if (last.size === 0) return list
  return list.map(line => (line.kind === 'card' && last.get(line.card.id) !== line.card ? replaced(line) : line))
}

const replacements = new WeakMap<Line, Line>()

function replaced(line: Extract<Line, { kind: 'card' }>): Line {
  const { at, seq, card } = line
  const known = replacements.get(line) ?? { kind: 'updated', key: `was:${seq}`, at, card }
  replacements.set(line, known)
  return known
}

const cardsOf = new WeakMap<readonly ChatEvent[], readonly CardView[]>()

/** The cards of a thread as they stand now, the oldest first. */
export function standing({ events }: Thread): readonly CardView[] {
  const known = cardsOf.get(events)
  if (known) return known
  const now = newestCards(events.flatMap(kept)).flatMap(line => (line.kind === 'card' ? [line.card] : []))
  cardsOf.set(events, now)
  return now
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
    case 'card': {
      const card = cardOf(e)
      return card ? [{ kind: 'card', key: `card:${card.id}`, at: e.at, seq: e.seq, card }] : []
    }
    case 'closed':
      return [{ kind: 'closed', key, at: e.at }]
    case 'reopened':
      return [{ kind: 'reopened', key, at: e.at, by: e.by }]
    case 'reply_finished':
      return e.outcome === 'failed' && !e.message ? [{ kind: 'failed', key, at: e.at }] : []
    default:
      return []
  }
}

/** What became of a text stands at the message that it was. */
function ofStaff(event: StaffEvent): Line[] {
  return event.kind === 'text' ? [] : [{ kind: 'staff', key: `s${event.staff_seq}`, at: event.at, event }]
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

const times = new WeakMap<Line, number>()

function when(line: Line): number {
  if (line.kind === 'outgoing') return line.outgoing.at
  if (!('at' in line)) return Number.POSITIVE_INFINITY
  const known = times.get(line)
  if (known !== undefined) return known
  const time = Date.parse(line.at)
  times.set(line, time)
  return time
}

/** The day that begins with a line. */
const daysOf = new WeakMap<Line, Line>()

function withDays(list: Line[]): Line[] {
  let [from, to] = [0, 0]
  return list.flatMap(line => {
    if (!('at' in line)) return [line]
    const at = when(line)
    if (at >= from && at < to) return [line]
    const day = new Date(at)
    from = new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime()
    to = new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1).getTime()
    const known = daysOf.get(line) ?? { kind: 'day', key: `d${day.toDateString()}`, at: line.at }
    daysOf.set(line, known)
    return [known, line]
  })
}

/** A line's twin that is not the first of its run, one for each, so that what did not change stays the same value. */
const followers = new WeakMap<Line, Line>()

function grouped(list: Line[], mine: string, before: string): Line[] {
  return list.map(line => {
    if (line.kind === 'updated') return line
    const who = author(line, mine)
    const first = who === '' || who !== before
    before = who
    if (!('first' in line) || line.first === first) return line
    const twin = followers.get(line) ?? { ...line, first }
    followers.set(line, twin)
    return twin
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

const humanOf = new WeakMap<readonly ChatEvent[], string | null>()

/** The name of the person who has the conversation, as far as the log tells. */
export function lastHuman({ events }: Thread): string | null {
  const known = humanOf.get(events)
  if (known !== undefined) return known
  const found = searched(events)
  humanOf.set(events, found)
  return found
}

function searched(events: readonly ChatEvent[]): string | null {
  for (let i = events.length - 1; i >= 0; i--) {
    const e = events[i]
    if (e?.kind === 'owner_changed') return e.owner === 'human' ? e.by.name || null : null
    if (e?.kind === 'message' && e.message.author.kind === 'human') return e.message.author.name || null
  }
  return null
}
