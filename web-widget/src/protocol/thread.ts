/**
 * One conversation as a pure reducer: what the server said, in any order, becomes what is shown.
 *
 * Durable events are applied once each and in order of `seq`; a hole asks for `sync`. Live deltas are applied by
 * position; what cannot be placed asks for `sync` too. The edge (a client class) reads `wants` and talks to the server.
 * Units: `now` is milliseconds of any steady clock; positions are opaque growing integers, 0 is the beginning.
 */
import type { ChatEvent, Conversation, Delta, Head, Live, Outcome, Snapshot, StaffEvent } from './wire'

/** How long a delta of an unknown turn waits for its `reply_started`. */
export const ORPHAN_MS = 2000

export interface Reply {
  turn: string
  /** The position reached; `text` covers 0 to here. */
  to: number
  text: string
  /** Position and length in characters when the server was last asked, so that its `from` can be placed. */
  asked: { at: number; length: number }
  stage: string | null
  restarted: boolean
}

export interface Thread {
  conversation: Conversation | null
  history: string | null
  /** Last `seq` held without a hole; null before the first snapshot. */
  after: number | null
  events: readonly ChatEvent[]
  /** Older events exist that `history_page` can read back. */
  older: boolean
  replies: Readonly<Record<string, Reply>>
  orphans: Readonly<Record<string, { since: number; deltas: readonly Delta[] }>>
  finished: Readonly<Record<string, Outcome | 'restarted'>>
  afterStaff: number | null
  staff: readonly StaffEvent[]
  wants: boolean
}

export type ThreadAction =
  | { type: 'snapshot'; snapshot: Snapshot }
  | { type: 'event'; event: ChatEvent }
  | { type: 'delta'; delta: Delta; now: number }
  | { type: 'head'; head: Head }
  | { type: 'stage'; turn: string; text: string }
  | { type: 'tick'; now: number }
  | { type: 'asking' }
  | { type: 'page'; events: readonly ChatEvent[]; before: number; limit: number }
  | { type: 'staff'; events: readonly StaffEvent[]; head?: number }
  | { type: 'lost' }

export const emptyThread: Thread = {
  conversation: null,
  history: null,
  after: null,
  events: [],
  older: false,
  replies: {},
  orphans: {},
  finished: {},
  afterStaff: null,
  staff: [],
  wants: false,
}

export function thread(state: Thread, action: ThreadAction): Thread {
  switch (action.type) {
    case 'snapshot':
      return snapshot(state, action.snapshot)
    case 'event':
      return event(state, action.event)
    case 'delta':
      return delta(state, action.delta, action.now)
    case 'head':
      return behind(state, action.head) ? { ...state, wants: true } : state
    case 'stage': {
      const reply = state.replies[action.turn]
      return reply && reply.text === '' ? withReply(state, { ...reply, stage: action.text }) : state
    }
    case 'tick': {
      const late = Object.values(state.orphans).some(o => action.now - o.since >= ORPHAN_MS)
      return late ? { ...state, orphans: {}, wants: true } : state
    }
    case 'asking':
      return { ...state, wants: false, replies: mapValues(state.replies, mark) }
    case 'page':
      return page(state, action)
    case 'staff':
      return staffLog(state, action.events, action.head)
    case 'lost':
      return state.after === null ? state : { ...state, wants: true }
  }
}

/** What `sync`, `watch` and the connection's `auth` tell the server of what is held. */
export function held(state: Thread): { history?: string; after?: number; live?: { turn: string; at: number } } {
  if (state.history === null || state.after === null) return {}
  const reply = currentReply(state)
  const base = { history: state.history, after: state.after }
  return reply ? { ...base, live: { turn: reply.turn, at: reply.to } } : base
}

/** The reply in progress, if any: the one that began last. */
export function currentReply(state: Thread): Reply | null {
  return Object.values(state.replies).at(-1) ?? null
}

function event(state: Thread, incoming: ChatEvent): Thread {
  if (state.after === null) return state
  if (incoming.history !== state.history) return { ...state, wants: true }
  if (incoming.seq <= state.after) return state
  if (incoming.seq > state.after + 1) return { ...state, wants: true }
  return apply({ ...state, after: incoming.seq, events: [...state.events, incoming] }, incoming)
}

/** The effect of one event on everything but the log itself. */
function apply(state: Thread, e: ChatEvent): Thread {
  switch (e.kind) {
    case 'message': {
      const opened = e.message.author.kind === 'customer' ? setState(state, 'open') : state
      return e.message.turn ? endReply(opened, e.message.turn, opened.finished[e.message.turn] ?? 'complete') : opened
    }
    case 'reply_started':
      return startReply(state, e.turn, false)
    case 'restarted':
      return startReply(endReply(state, e.replaces, 'restarted'), e.turn, true)
    case 'reply_finished':
      return endReply(state, e.turn, e.outcome)
    case 'owner_changed': {
      const c = state.conversation
      if (!c || e.epoch <= c.epoch) return state
      return { ...state, conversation: { ...c, owner: e.owner, epoch: e.epoch } }
    }
    case 'closed':
      return setState(state, 'closed')
    case 'reopened':
      return setState(state, 'open')
    default:
      return state
  }
}

function setState(state: Thread, value: Conversation['state']): Thread {
  const c = state.conversation
  return !c || c.state === value ? state : { ...state, conversation: { ...c, state: value } }
}

function startReply(state: Thread, turn: string, restarted: boolean): Thread {
  if (state.finished[turn]) return state
  const known = state.replies[turn]
  const reply: Reply = known
    ? { ...known, restarted }
    : { turn, to: 0, text: '', asked: { at: 0, length: 0 }, stage: null, restarted }
  return adopt(withReply(state, reply), turn)
}

function endReply(state: Thread, turn: string, outcome: Outcome | 'restarted'): Thread {
  const finished = { ...state.finished, [turn]: outcome }
  return { ...state, finished, replies: without(state.replies, turn), orphans: without(state.orphans, turn) }
}

/** Places the deltas that waited for this turn. */
function adopt(state: Thread, turn: string): Thread {
  const waiting = state.orphans[turn]
  if (!waiting) return state
  const clean = { ...state, orphans: without(state.orphans, turn) }
  const inOrder = [...waiting.deltas].sort((a, b) => a.at - b.at)
  return inOrder.reduce((s, d) => delta(s, d, waiting.since), clean)
}

function delta(state: Thread, d: Delta, now: number): Thread {
  if (state.after === null || state.finished[d.turn]) return state
  const reply = state.replies[d.turn]
  if (!reply) {
    const waiting = state.orphans[d.turn] ?? { since: now, deltas: [] }
    return { ...state, orphans: { ...state.orphans, [d.turn]: { ...waiting, deltas: [...waiting.deltas, d] } } }
  }
  if (d.to <= reply.to) return state
  if (d.at !== reply.to) return { ...state, wants: true }
  return withReply(state, { ...reply, to: d.to, text: reply.text + d.text, stage: null })
}

function behind(state: Thread, head: Head): boolean {
  if (state.after === null) return false
  if (head.seq > state.after) return true
  if (!head.turn || state.finished[head.turn]) return false
  return (head.to ?? 0) > (state.replies[head.turn]?.to ?? 0)
}

function snapshot(state: Thread, s: Snapshot): Thread {
  const other = s.history !== state.history || s.conversation.id !== state.conversation?.id
  const fresh = Boolean(s.resync) || state.after === null || other
  if (fresh) return mergeLive(restart(state, s), s.live)
  const base = state.after ?? 0
  const newer = s.head >= base && s.conversation.epoch >= (state.conversation?.epoch ?? 0)
  let next = newer ? { ...state, conversation: s.conversation } : state
  for (const e of s.events) next = event(next, e)
  // An event while replaying may have spoken of an older moment than the snapshot itself.
  if (newer && !s.more && next.after === s.head) next = { ...next, conversation: s.conversation }
  return mergeLive(s.more ? { ...next, wants: true } : next, s.live)
}

/** Forgets what was held and takes the snapshot as the whole truth. */
function restart(state: Thread, s: Snapshot): Thread {
  const first = s.events[0]
  const same = s.history === state.history
  const blank: Thread = {
    ...emptyThread,
    conversation: s.conversation,
    history: s.history,
    after: first ? first.seq - 1 : s.head,
    older: first !== undefined && first.seq > 1,
    afterStaff: same ? state.afterStaff : null,
    staff: same ? state.staff : [],
    // Deltas may overtake the snapshot that explains them.
    orphans: same ? state.orphans : {},
  }
  const filled = s.events.reduce(event, blank)
  const conversation = filled.after === s.head ? s.conversation : filled.conversation
  return { ...filled, conversation, wants: Boolean(s.more) || filled.wants }
}

function mergeLive(state: Thread, live: Live | null | undefined): Thread {
  if (!live || state.finished[live.turn]) return state
  const reply = state.replies[live.turn]
  if (reply && live.to <= reply.to) return adopt(state, live.turn)
  const merged = reply ? extended(reply, live) : null
  if (reply && !merged) return { ...state, wants: true }
  if (!reply && live.from !== 0) return { ...state, wants: true }
  const next = merged ?? {
    turn: live.turn,
    to: live.to,
    text: live.text,
    asked: { at: 0, length: 0 },
    stage: null,
    restarted: false,
  }
  return adopt(withReply(state, next), live.turn)
}

/** The reply with the snapshot's text in place, or null where its `from` is not a place that we know. */
function extended(reply: Reply, live: Live): Reply | null {
  const at = { to: live.to, stage: null }
  if (live.from === 0) return { ...reply, ...at, text: live.text }
  if (live.from === reply.to) return { ...reply, ...at, text: reply.text + live.text }
  if (live.from === reply.asked.at)
    return { ...reply, ...at, text: reply.text.slice(0, reply.asked.length) + live.text }
  return null
}

function page(state: Thread, p: { events: readonly ChatEvent[]; before: number; limit: number }): Thread {
  const first = state.events[0]
  if (!first || first.seq !== p.before) return state
  const older = p.events.filter(e => e.seq < first.seq && e.history === state.history).sort((a, b) => a.seq - b.seq)
  const oldest = older[0]
  return { ...state, events: [...older, ...state.events], older: oldest !== undefined && oldest.seq > 1 }
}

function staffLog(state: Thread, events: readonly StaffEvent[], head?: number): Thread {
  const last = state.afterStaff
  if (last === null) {
    const sorted = [...events].sort((a, b) => a.staff_seq - b.staff_seq)
    return { ...state, staff: sorted, afterStaff: sorted.at(-1)?.staff_seq ?? head ?? 0 }
  }
  let next = state
  for (const e of events) {
    const at = next.afterStaff ?? 0
    if (e.staff_seq <= at) continue
    if (e.staff_seq > at + 1) return { ...next, wants: true }
    next = { ...next, afterStaff: e.staff_seq, staff: [...next.staff, e] }
  }
  return next
}

function mark(reply: Reply): Reply {
  return { ...reply, asked: { at: reply.to, length: reply.text.length } }
}

function withReply(state: Thread, reply: Reply): Thread {
  return { ...state, replies: { ...state.replies, [reply.turn]: reply } }
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!(key in record)) return record
  const { [key]: _gone, ...rest } = record
  return rest
}

function mapValues<T>(record: Readonly<Record<string, T>>, f: (value: T) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).map(([k, v]) => [k, f(v)]))
}
