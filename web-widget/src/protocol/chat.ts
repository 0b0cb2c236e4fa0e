/** Everything the widget shows, as one pure reducer over the thread, the outbox and the live hints. */
import { type Files, type FilesAction, files } from './files'
import { type Outbox, type OutboxAction, outbox } from './outbox'
import { emptyThread, type Thread, type ThreadAction, thread } from './thread'
import type { Author, Business, ChatEvent, Ready } from './wire'

export const TYPING_MS = 6000

export interface Link {
  state: 'connecting' | 'up' | 'down' | 'refused'
  /** Since when it is not up, for the calm banner; null while up. */
  since: number | null
  why: string | null
}

export interface ChatState {
  link: Link
  business: Business | null
  thread: Thread
  outbox: Outbox
  files: Files
  typing: { author: Author; until: number } | null
  /** The last of our `seq` that the other side has read. */
  readUpTo: number
  feedback: Readonly<Record<string, 'up' | 'down'>>
  /** Minutes until a person, as last told. */
  expectedMinutes: number | null
  /** What is being written and is not said yet. */
  draft: string
  /** A control that was refused, in the server's words for people. */
  notice: string | null
  /** What the gateway does not offer, or the visitor has done: not asked again. */
  asked: { rate: Asked; profile: Asked }
}
/** `open`: may be asked; `given`: answered, thanks are said; `off`: not offered, or not wanted. */
export type Asked = 'open' | 'given' | 'off'

export type ChatAction =
  | { type: 'link'; state: Link['state']; now: number; why?: string }
  | { type: 'woke'; now: number }
  | { type: 'ready'; ready: Ready }
  | { type: 'thread'; action: ThreadAction }
  | { type: 'outbox'; action: OutboxAction }
  | { type: 'files'; action: FilesAction }
  | { type: 'typing'; author: Author; on: boolean; now: number }
  | { type: 'receipt'; seq: number }
  | { type: 'business'; news: Partial<Business> }
  | { type: 'feedback'; message: string; value: 'up' | 'down' }
  | { type: 'expected'; minutes: number | null }
  | { type: 'draft'; text: string }
  | { type: 'notice'; text: string | null }
  | { type: 'asked'; what: keyof ChatState['asked']; now: Asked }
  | { type: 'tick'; now: number }
  | { type: 'forget' }

export const emptyChat: ChatState = {
  link: { state: 'connecting', since: null, why: null },
  business: null,
  thread: emptyThread,
  outbox: [],
  files: [],
  typing: null,
  readUpTo: 0,
  feedback: {},
  expectedMinutes: null,
  draft: '',
  notice: null,
  asked: { rate: 'open', profile: 'open' },
}

export function chat(state: ChatState, action: ChatAction): ChatState {
  switch (action.type) {
    case 'link':
      return { ...state, link: nextLink(state.link, action) }
    case 'woke':
      // Nobody missed a connection while the page was asleep.
      return { ...state, link: { ...state.link, since: state.link.since && action.now } }
    case 'ready': {
      const before = state.thread.conversation?.id
      const same = action.ready.conversation.id === before
      const kept = { ...state, files: files(state.files, { type: 'up', fresh: !same }) }
      // What one person began to write is not for the next to read.
      const draft = before ? '' : state.draft
      const base = same ? kept : { ...kept, readUpTo: 0, expectedMinutes: null, draft }
      const next = thread(base.thread, { type: 'snapshot', snapshot: action.ready })
      return settle({ ...base, business: action.ready.business, notice: null }, next)
    }
    case 'thread':
      return settle(state, thread(state.thread, action.action))
    case 'outbox':
      return settle({ ...state, outbox: outbox(state.outbox, action.action) }, state.thread)
    case 'files':
      return { ...state, files: files(state.files, action.action) }
    case 'typing':
      return { ...state, typing: action.on ? { author: action.author, until: action.now + TYPING_MS } : null }
    case 'business':
      return { ...state, business: state.business && { ...state.business, ...action.news } }
    case 'receipt':
      return action.seq > state.readUpTo ? { ...state, readUpTo: action.seq } : state
    case 'feedback':
      return { ...state, feedback: { ...state.feedback, [action.message]: action.value } }
    case 'expected':
      return { ...state, expectedMinutes: action.minutes }
    case 'draft':
      return { ...state, draft: action.text }
    case 'notice':
      return { ...state, notice: action.text }
    case 'asked':
      return { ...state, asked: { ...state.asked, [action.what]: action.now } }
    case 'forget':
      return { ...emptyChat, link: state.link, business: state.business }
    case 'tick': {
      const typing = state.typing && state.typing.until <= action.now ? null : state.typing
      const next = thread(state.thread, { type: 'tick', now: action.now })
      return typing === state.typing && next === state.thread ? state : { ...state, typing, thread: next }
    }
  }
}

export function nextLink(before: Link, a: { state: Link['state']; now: number; why?: string }): Link {
  if (a.state === 'up') return { state: 'up', since: null, why: null }
  return { state: a.state, since: before.since ?? a.now, why: a.why ?? null }
}

/** Takes a new thread and lets go of what it settles: sent messages that came back, and typing that became a message. */
function settle(state: ChatState, next: Thread): ChatState {
  const fresh = next === state.thread ? [] : added(state.thread, next)
  const waiting = state.outbox.length > 0
  const clientIds = new Set(waiting ? clientIdsOf(next.events) : [])
  const conversation = next.conversation?.id ?? null
  const kept = waiting
    ? outbox(state.outbox, { type: 'seen', clientIds, conversation, after: next.after ?? 0 })
    : state.outbox
  const spoke = fresh.some(e => e.kind === 'message' && e.message.author.kind !== 'customer')
  const changed = fresh.filter(e => e.kind === 'owner_changed').at(-1)
  // Reopened and closed again, it is another visit to rate.
  const again = state.asked.rate === 'given' && fresh.some(e => e.kind === 'message')
  return {
    ...state,
    thread: next,
    outbox: kept,
    asked: again ? { ...state.asked, rate: 'open' } : state.asked,
    typing: spoke ? null : state.typing,
    expectedMinutes:
      changed?.kind === 'owner_changed' ? (changed.expected_minutes ?? state.expectedMinutes) : state.expectedMinutes,
  }
}

export function added(before: Thread, after: Thread): readonly ChatEvent[] {
  if (before.events === after.events) return []
  const last = before.history === after.history ? (before.after ?? 0) : 0
  return after.events.filter(e => e.seq > last)
}

export function clientIdsOf(events: readonly ChatEvent[]): string[] {
  return events.flatMap(e => (e.kind === 'message' && e.message.client_id ? [e.message.client_id] : []))
}
