/**
 * Messages on their way to the server, as a pure reducer: kept until acknowledged, sent one after another so that
 * their order holds, sent again with the same id after any doubt. The same id and payload is the same message, so
 * sending twice stores once.
 */
import type { Attachment, WireError } from './wire'

export interface Outgoing {
  /** UUID of this client; the server's key against doubling. */
  id: string
  conversation: string | null
  kind: 'message' | 'note'
  text: string
  /** Files that are at the server already. */
  attachments?: readonly Attachment[]
  /** Colleagues whom a note names. */
  mentions?: readonly string[]
  /** The ownership under which it was written; staff messages only. */
  epoch: number | null
  /** When it was written, milliseconds since 1970, for its place in the list. */
  at: number
  state: 'waiting' | 'sending' | 'acked' | 'failed'
  /** Not before this moment (same clock as `now`). */
  notBefore: number
  tries: number
  error: WireError | null
  /** Its number once stored: `seq`, or `staff_seq` of a note. */
  seq: number | null
}

/** What the writer gives; the rest starts at its beginning. */
export type Draft = Pick<
  Outgoing,
  'id' | 'conversation' | 'kind' | 'text' | 'attachments' | 'mentions' | 'epoch' | 'at'
>

export type Outbox = readonly Outgoing[]

export type OutboxAction =
  | { type: 'add'; draft: Draft }
  | { type: 'restore'; items: readonly Outgoing[] }
  | { type: 'sending'; id: string }
  | { type: 'acked'; id: string; seq: number }
  | { type: 'refused'; id: string; error: WireError; now: number }
  | { type: 'unanswered'; id?: string; now: number }
  | { type: 'retry'; id: string; epoch?: number }
  | { type: 'discard'; id: string }
  | { type: 'seen'; clientIds: ReadonlySet<string>; conversation: string | null; after: number; afterStaff?: number }

/** Refusals that say "not now": the same message may pass a little later. */
const PASSING = new Set(['rate_limited', 'busy', 'unavailable'])

export function outbox(state: Outbox, action: OutboxAction): Outbox {
  switch (action.type) {
    case 'add':
      return [...state, fresh(action.draft)]
    case 'restore': {
      const known = new Set(state.map(o => o.id))
      return [...state, ...action.items.filter(o => !known.has(o.id))].sort((a, b) => a.at - b.at)
    }
    case 'sending':
      return change(state, action.id, o => ({ ...o, state: 'sending', tries: o.tries + 1 }))
    case 'acked':
      return change(state, action.id, o => ({ ...o, state: 'acked', seq: action.seq, error: null }))
    case 'refused':
      return change(state, action.id, o => refused(o, action.error, action.now))
    case 'unanswered':
      return state.map(o =>
        o.state === 'sending' && (action.id === undefined || o.id === action.id)
          ? { ...o, state: 'waiting', notBefore: action.now + (action.id ? backoff(o.tries) : 0) }
          : o,
      )
    case 'retry':
      return change(state, action.id, o => ({
        ...o,
        state: 'waiting',
        notBefore: 0,
        tries: 0,
        error: null,
        epoch: action.epoch ?? o.epoch,
      }))
    case 'discard':
      return state.filter(o => o.id !== action.id)
    case 'seen':
      return arrived(state, action)
  }
}

/** The message to send now, or null; one at a time in each conversation, and a passing refusal holds those behind it. */
export function next(state: Outbox, now: number): Outgoing | null {
  const busy = new Set<string | null>()
  for (const o of state) {
    if (o.state === 'sending') busy.add(o.conversation)
    if (o.state !== 'waiting' || busy.has(o.conversation)) continue
    if (o.notBefore <= now) return o
    busy.add(o.conversation)
  }
  return null
}

/** When `next` may have something again, or null when nothing waits for time alone. */
export function nextAt(state: Outbox): number | null {
  const times = state.filter(o => o.state === 'waiting').map(o => o.notBefore)
  return times.length ? Math.min(...times) : null
}

/** What of a message goes over the wire, whoever sends it. */
export function payload({ id, text, attachments }: Outgoing): object {
  return { id, text, ...(attachments?.length ? { attachments: attachments.map(a => a.id) } : {}) }
}

/** What a reload must find again. */
export function unsettled(state: Outbox): Outgoing[] {
  return state.filter(o => o.state !== 'acked')
}

function fresh(draft: Draft): Outgoing {
  return { ...draft, state: 'waiting', notBefore: 0, tries: 0, error: null, seq: null }
}

function refused(o: Outgoing, error: WireError, now: number): Outgoing {
  if (!PASSING.has(error.code)) return { ...o, state: 'failed', error }
  return { ...o, state: 'waiting', error, notBefore: now + (error.retry_after_ms ?? backoff(o.tries)) }
}

function backoff(tries: number): number {
  return Math.min(500 * 2 ** Math.max(0, tries - 1), 15_000)
}

function arrived(state: Outbox, a: Extract<OutboxAction, { type: 'seen' }>): Outbox {
  const stored = (o: Outgoing) => {
    if (o.state !== 'acked' || o.seq === null || (o.conversation ?? a.conversation) !== a.conversation) return false
    return o.seq <= (o.kind === 'note' ? (a.afterStaff ?? 0) : a.after)
  }
  const kept = state.filter(o => !a.clientIds.has(o.id) && !stored(o))
  return kept.length === state.length ? state : kept
}

function change(state: Outbox, id: string, f: (o: Outgoing) => Outgoing): Outbox {
  return state.map(o => (o.id === id ? f(o) : o))
}
