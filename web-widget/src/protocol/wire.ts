/** The generated shapes as both pages use them: envelopes joined with payloads, acknowledgements named. */
import type * as gen from './events'

type Kind<T extends { kind?: string }> = T & { kind: NonNullable<T['kind']> }

export type Durable = gen.DurableEvent
export type ChatEvent = Durable &
  (
    | Kind<gen.MessageEvent>
    | Kind<gen.ReplyStarted>
    | Kind<gen.ReplyFinished>
    | Kind<gen.Restarted>
    | Kind<gen.OwnerChanged>
    | Kind<gen.CardEvent>
    | Kind<gen.Closed>
    | Kind<gen.Reopened>
  )
/** An event of the staff log: ordered by `staff_seq`, never seen by a customer. */
export type StaffEvent = gen.StaffLogEvent &
  (
    | Kind<gen.NoteWritten>
    | Kind<gen.Assigned>
    | Kind<gen.HandoffChanged>
    | Kind<gen.RiskChanged>
    | Kind<gen.Alerted>
    | Kind<gen.CustomerChanged>
    | Kind<gen.Rated>
    | Kind<gen.Texted>
    | Kind<gen.Linked>
    | Kind<gen.Unmuted>
  )
export type Message = gen.MessageOut
export type Attachment = gen.Attachment
export type MentionRow = gen.MentionRow
export type Author = gen.Author
export type Outcome = gen.ReplyFinished['outcome']
export type Conversation = gen.ConversationRef
export type Owner = Conversation['owner']
export type Live = gen.LiveReply
export type BusinessNews = gen.BusinessNews
export type Delta = gen.Delta
export type Head = gen.Head
export type Stage = gen.Stage
export type Typing = gen.Typing
export type Receipt = gen.Receipt
export type Goodbye = gen.Goodbye
export type Business = gen.BusinessCard
export type ChatProfile = gen.ChatProfile
export type Ready = Omit<gen.Ready, 'events'> & { events: ChatEvent[] }
export type Snapshot = Omit<Ready, 'token' | 'business'>

export type Row = gen.InboxRow
export type InboxView = gen.Inbox['view']
export type Handoff = gen.HandoffRow
export type Presence = gen.Presence
export type Viewer = gen.Viewer
export interface Staff {
  id: string
  name: string
  role?: string
}
/** Somebody who may become a customer: how likely, why, and what they told. */
export interface Lead {
  score: number
  reasons: Record<string, unknown>
  facts: Record<string, unknown>
}
/** What counts of texts for the number that a customer gave. Null: nothing was ever said. */
export interface Agreed {
  address: string
  transactional: boolean | null
  marketing: boolean | null
  stopped: boolean
}
/** What `watch` answers beside the snapshot. The customer's fields are shown as they come. */
export interface Watched extends Snapshot {
  staff_events?: StaffEvent[]
  head_staff?: number
  customer?: Record<string, unknown> | null
  notes?: unknown[]
  cards?: unknown[]
  consent?: { sms?: Agreed } | null
  summary?: string | null
  lead?: Lead | null
}

/** A piece of what the AI words for the team; `at` 0 begins, or begins again. */
export interface DraftDelta {
  conversation: string
  draft: string
  at: number
  to: number
  text: string
  done?: boolean | null
}

export type ErrorCode =
  | 'bad_request'
  | 'not_allowed'
  | 'not_found'
  | 'too_large'
  | 'rate_limited'
  | 'busy'
  | 'stale'
  | 'conflict'
  | 'unavailable'
export interface WireError {
  code: ErrorCode
  message: string
  retry_after_ms?: number
  /** With `conflict` and `stale`: how it stands now. */
  owner?: Owner
  epoch?: number
  /** Of texts: what is wrong, for who says it in words of their own; `number`: ours. */
  why?: string
  number?: string
}
export type Ack<T = object> = ({ ok: true } & T) | { ok: false; error: WireError }
