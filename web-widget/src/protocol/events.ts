/** The wire's shapes, generated from schema.json by `npm run generate`; do not edit. */

export interface HibachiWire {
  ChatConnect?: ChatConnect
  ConsoleConnect?: ConsoleConnect
  DurableEvent?: DurableEvent
  StaffLogEvent?: StaffLogEvent
  MessageEvent?: MessageEvent
  ReplyStarted?: ReplyStarted
  ReplyFinished?: ReplyFinished
  Restarted?: Restarted
  OwnerChanged?: OwnerChanged
  CardEvent?: CardEvent
  Closed?: Closed
  NoteWritten?: NoteWritten
  Assigned?: Assigned
  HandoffChanged?: HandoffChanged
  RiskChanged?: RiskChanged
  Alerted?: Alerted
  ChatMessageIn?: ChatMessageIn
  ChatSync?: ChatSync
  ChatHistoryPage?: ChatHistoryPage
  ChatTyping?: ChatTyping
  ChatSeen?: ChatSeen
  ChatStop?: ChatStop
  ChatHuman?: ChatHuman
  ChatAssistant?: ChatAssistant
  ChatProfile?: ChatProfile
  ChatFeedback?: ChatFeedback
  ChatRate?: ChatRate
  ChatTranscript?: ChatTranscript
  ChatContinueByText?: ChatContinueByText
  ChatVerifyPhone?: ChatVerifyPhone
  Inbox?: Inbox
  Watch?: Watch
  Unwatch?: Unwatch
  HistoryPage?: HistoryPage
  Take?: Take
  GiveBack?: GiveBack
  StaffMessage?: StaffMessage
  StaffNote?: StaffNote
  Assign?: Assign
  Settle?: Settle
  Draft?: Draft
  DraftStop?: DraftStop
  Handoffs?: Handoffs
  HandoffClaim?: HandoffClaim
  HandoffResolve?: HandoffResolve
  ConsoleTyping?: ConsoleTyping
  ConsoleSeen?: ConsoleSeen
  Ready?: Ready
  Delta?: Delta
  Stage?: Stage
  Typing?: Typing
  Receipt?: Receipt
  Head?: Head
  Goodbye?: Goodbye
  Presence?: Presence
  InboxEvent?: InboxEvent
  HandoffRow?: HandoffRow
}
/**
 * The `auth` of a connection to `/chat`.
 */
export interface ChatConnect {
  site: string
  token?: string | null
  identity?: string | null
  history?: string | null
  after?: number | null
  live?: LivePosition | null
}
/**
 * How far the client holds the reply in progress.
 */
export interface LivePosition {
  turn: string
  at: number
}
/**
 * The `auth` of a connection to `/console`: a socket token, good once.
 */
export interface ConsoleConnect {
  token: string
}
/**
 * The envelope of a customer-visible `event`; the payload's fields stand beside these.
 */
export interface DurableEvent {
  conversation: string
  history: string
  seq: number
  at: string
}
/**
 * The envelope of a staff `event`.
 */
export interface StaffLogEvent {
  conversation: string
  log: 'staff'
  staff_seq: number
  at: string
}
export interface MessageEvent {
  kind?: 'message'
  message: MessageOut
}
/**
 * A message as everyone sees it.
 */
export interface MessageOut {
  id: string
  author: Author
  text: string
  format: 'markdown' | 'plain'
  turn?: string | null
  agent?: string | null
  sources?: SourceRef[] | null
  attachments?:
    | {
        [k: string]: unknown
      }[]
    | null
  client_id?: string | null
  interrupted?: boolean | null
}
/**
 * Who speaks, by the name that the customer sees.
 */
export interface Author {
  kind: 'customer' | 'ai' | 'human' | 'system'
  name: string
}
/**
 * Where an answer comes from.
 */
export interface SourceRef {
  id: string
  title: string
}
export interface ReplyStarted {
  kind?: 'reply_started'
  turn: string
  answers: number[]
}
export interface ReplyFinished {
  kind?: 'reply_finished'
  turn: string
  outcome: 'complete' | 'stopped' | 'taken_over' | 'failed'
  message?: string | null
}
export interface Restarted {
  kind?: 'restarted'
  turn: string
  replaces: string
  answers: number[]
}
export interface OwnerChanged {
  kind?: 'owner_changed'
  owner: 'ai' | 'queue' | 'human'
  epoch: number
  by: Author
  expected_minutes?: number | null
}
export interface CardEvent {
  kind?: 'card'
  card: {
    [k: string]: unknown
  }
}
export interface Closed {
  kind?: 'closed'
}
export interface NoteWritten {
  kind?: 'note'
  id: string
  author: Author
  text: string
}
export interface Assigned {
  kind?: 'assigned'
  staff: string | null
  name: string | null
  by: Author
}
export interface HandoffChanged {
  kind?: 'handoff'
  handoff: string
  handoff_kind: 'booking' | 'complaint' | 'human' | 'payment' | 'lead'
  state: 'open' | 'claimed' | 'resolved' | 'withdrawn'
  urgency: 'low' | 'normal' | 'high' | 'severe'
  summary: string
  by: Author
}
export interface RiskChanged {
  kind?: 'risk'
  risk: 'low' | 'normal' | 'high' | 'severe'
}
export interface Alerted {
  kind?: 'alert'
  reason: 'handoff_due' | 'human_silent'
}
/**
 * `message`: the same id and payload again is the same message.
 */
export interface ChatMessageIn {
  id: string
  text: string
  /**
   * @maxItems 10
   */
  attachments?:
    | []
    | [string]
    | [string, string]
    | [string, string, string]
    | [string, string, string, string]
    | [string, string, string, string, string]
    | [string, string, string, string, string, string]
    | [string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string]
}
/**
 * `sync`: what came after what the client holds.
 */
export interface ChatSync {
  history?: string | null
  after?: number | null
  live?: LivePosition | null
}
/**
 * `history_page`: reads back from `before`.
 */
export interface ChatHistoryPage {
  before: number
  limit?: number
}
/**
 * `typing`: gone by itself after 6 s.
 */
export interface ChatTyping {
  on: boolean
}
/**
 * `seen`: the newest event that the person has had before their eyes.
 */
export interface ChatSeen {
  seq: number
}
/**
 * `stop`: ends the reply in progress where it is.
 */
export interface ChatStop {
  turn: string
}
/**
 * `human`: asks for a person.
 */
export interface ChatHuman {
  id: string
  reason?: string | null
}
/**
 * `assistant`: back to the AI.
 */
export interface ChatAssistant {}
/**
 * `profile`: how to reach the customer.
 */
export interface ChatProfile {
  name?: string | null
  email?: string | null
  phone?: string | null
  sms_consent?: boolean | null
}
/**
 * `feedback`: a thumb on one message; the last one counts.
 */
export interface ChatFeedback {
  message: string
  value: 'up' | 'down'
  comment?: string | null
}
/**
 * `rate`: the whole conversation, at its end.
 */
export interface ChatRate {
  id: string
  score: number
  comment?: string | null
}
/**
 * `transcript`: the conversation by e-mail.
 */
export interface ChatTranscript {
  email: string
}
/**
 * `continue_by_text`: the same conversation goes on by SMS.
 */
export interface ChatContinueByText {
  phone: string
}
/**
 * `verify_phone`: the code that came by SMS.
 */
export interface ChatVerifyPhone {
  code: string
}
/**
 * `inbox`: conversations, those that wait longest first; subscribes to their rows.
 */
export interface Inbox {
  view: 'mine' | 'unassigned' | 'ai' | 'needs_human' | 'all' | 'closed'
  query?: string | null
  cursor?: string | null
}
/**
 * `watch`: everything of one conversation, from what the client holds on. `sync` has the same shape.
 */
export interface Watch {
  conversation: string
  history?: string | null
  after?: number | null
  after_staff?: number | null
  live?: LivePosition | null
}
/**
 * `unwatch`: no more of this conversation.
 */
export interface Unwatch {
  conversation: string
}
/**
 * `history_page` of either log.
 */
export interface HistoryPage {
  conversation: string
  before: number
  limit?: number
  log?: 'staff' | null
}
/**
 * `take`: the conversation is mine; the reply in progress ends at a known character.
 */
export interface Take {
  conversation: string
  epoch?: number | null
  force?: boolean
}
/**
 * `give_back`: the AI answers again.
 */
export interface GiveBack {
  conversation: string
  epoch: number
  note?: string | null
}
/**
 * `message`: a person's words to the customer.
 */
export interface StaffMessage {
  conversation: string
  id: string
  text: string
  /**
   * @maxItems 10
   */
  attachments?:
    | []
    | [string]
    | [string, string]
    | [string, string, string]
    | [string, string, string, string]
    | [string, string, string, string, string]
    | [string, string, string, string, string, string]
    | [string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string]
  epoch: number
}
/**
 * `note`: seen by staff alone.
 */
export interface StaffNote {
  conversation: string
  id: string
  text: string
}
/**
 * `assign`: whose conversation it is; null takes it from everyone.
 */
export interface Assign {
  conversation: string
  id: string
  staff: string | null
}
/**
 * `resolve` and `reopen`.
 */
export interface Settle {
  conversation: string
  epoch: number
}
/**
 * `draft`: the AI words a reply for the admin; nothing is sent.
 */
export interface Draft {
  conversation: string
  instruction?: string | null
}
/**
 * `draft_stop`.
 */
export interface DraftStop {
  conversation: string
}
/**
 * `handoffs`: the list, and a subscription to its kinds.
 */
export interface Handoffs {
  state?: ('open' | 'claimed' | 'resolved' | 'withdrawn') | null
  kind?: ('booking' | 'complaint' | 'human' | 'payment' | 'lead') | null
  cursor?: string | null
}
/**
 * `handoff_claim`: mine to settle.
 */
export interface HandoffClaim {
  handoff: string
  id: string
}
/**
 * `handoff_resolve`: settled.
 */
export interface HandoffResolve {
  handoff: string
  id: string
  note?: string | null
}
/**
 * `typing` in one conversation.
 */
export interface ConsoleTyping {
  conversation: string
  on: boolean
}
/**
 * `seen` in one conversation.
 */
export interface ConsoleSeen {
  conversation: string
  seq: number
}
export interface Ready {
  conversation: ConversationRef
  history: string
  events: {
    [k: string]: unknown
  }[]
  more?: boolean | null
  resync?: boolean | null
  head: number
  live: LiveReply | null
  token: string
  business: BusinessCard
}
export interface ConversationRef {
  id: string
  owner: 'ai' | 'queue' | 'human'
  epoch: number
  state: 'open' | 'closed'
}
/**
 * The reply in progress; `text` covers positions `from` to `to`.
 */
export interface LiveReply {
  turn: string
  from: number
  to: number
  text: string
}
export interface BusinessCard {
  name: string
  avatar: string | null
  hours: string
  open: boolean
  reply_minutes: number | null
  disclosure: string
  locale: string
  theme: {
    [k: string]: string
  }
  greeting?: string | null
  quick_replies?: string[] | null
}
export interface Delta {
  conversation: string
  turn: string
  at: number
  to: number
  text: string
}
export interface Stage {
  conversation: string
  turn: string
  text: string
}
export interface Typing {
  conversation: string
  author: Author
  on: boolean
}
export interface Receipt {
  conversation: string
  who: 'customer' | 'staff'
  seq: number
}
export interface Head {
  conversation: string
  seq: number
  turn?: string | null
  to?: number | null
}
export interface Goodbye {
  code: 'slow' | 'expired' | 'revoked' | 'draining' | 'flood'
  retry_after_ms: number
}
export interface Presence {
  conversation: string
  viewers: Viewer[]
}
export interface Viewer {
  staff: string
  name: string
  typing: boolean
}
export interface InboxEvent {
  row: InboxRow
}
export interface InboxRow {
  id: string
  rev: number
  customer: string
  channel: 'web' | 'sms'
  owner: 'ai' | 'queue' | 'human'
  state: 'open' | 'closed'
  preview: string
  preview_author: 'customer' | 'ai' | 'human' | 'system'
  waiting_since: string | null
  unread: number
  assignee: string | null
  risk: 'low' | 'normal' | 'high' | 'severe'
  viewers: string[]
}
export interface HandoffRow {
  id: string
  rev: number
  kind: 'booking' | 'complaint' | 'human' | 'payment' | 'lead'
  state: 'open' | 'claimed' | 'resolved' | 'withdrawn'
  conversation: string
  summary: string
  urgency: 'low' | 'normal' | 'high' | 'severe'
  due_at: string
  claimed_by: string | null
}
