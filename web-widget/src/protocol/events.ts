/** The wire's shapes, generated from schema.json by `npm run generate`; do not edit. */

export interface HibachiWire {
  Alerted?: Alerted
  Assign?: Assign
  Assigned?: Assigned
  BusinessNews?: BusinessNews
  CardEvent?: CardEvent
  ChatAssistant?: ChatAssistant
  ChatConnect?: ChatConnect
  ChatContinueByText?: ChatContinueByText
  ChatFeedback?: ChatFeedback
  ChatHistoryPage?: ChatHistoryPage
  ChatHuman?: ChatHuman
  ChatMessageIn?: ChatMessageIn
  ChatProfile?: ChatProfile
  ChatRate?: ChatRate
  ChatSeen?: ChatSeen
  ChatStop?: ChatStop
  ChatSync?: ChatSync
  ChatTranscript?: ChatTranscript
  ChatTyping?: ChatTyping
  ChatVerifyPhone?: ChatVerifyPhone
  Closed?: Closed
  ConsoleConnect?: ConsoleConnect
  ConsoleSeen?: ConsoleSeen
  ConsoleTyping?: ConsoleTyping
  CustomerChanged?: CustomerChanged
  Delta?: Delta
  Draft?: Draft
  DraftDelta?: DraftDelta
  DraftStop?: DraftStop
  DurableEvent?: DurableEvent
  GiveBack?: GiveBack
  Goodbye?: Goodbye
  HandoffChanged?: HandoffChanged
  HandoffClaim?: HandoffClaim
  HandoffResolve?: HandoffResolve
  HandoffRow?: HandoffRow
  Handoffs?: Handoffs
  Head?: Head
  HistoryPage?: HistoryPage
  Inbox?: Inbox
  InboxEvent?: InboxEvent
  Linked?: Linked
  MentionSeen?: MentionSeen
  Mentions?: Mentions
  MentionsAsked?: MentionsAsked
  MessageEvent?: MessageEvent
  NoteWritten?: NoteWritten
  OwnerChanged?: OwnerChanged
  Presence?: Presence
  Rated?: Rated
  Ready?: Ready
  Receipt?: Receipt
  Reopened?: Reopened
  ReplyFinished?: ReplyFinished
  ReplyStarted?: ReplyStarted
  Restarted?: Restarted
  RiskChanged?: RiskChanged
  Settle?: Settle
  StaffLogEvent?: StaffLogEvent
  StaffMessage?: StaffMessage
  StaffNote?: StaffNote
  Stage?: Stage
  Take?: Take
  Texted?: Texted
  Typing?: Typing
  Unmuted?: Unmuted
  Unwatch?: Unwatch
  Watch?: Watch
}
export interface Alerted {
  kind?: 'alert'
  reason: 'handoff_due' | 'escalated' | 'human_silent' | 'text_stop' | 'text_loop' | 'text_flood'
}
/**
 * `assign`: whose conversation it is; null takes it from everyone.
 */
export interface Assign {
  conversation: string
  id: string
  staff: string | null
}
export interface Assigned {
  by: Author
  kind?: 'assigned'
  name: string | null
  staff: string | null
}
/**
 * Who speaks, by the name that the customer sees.
 */
export interface Author {
  kind: 'customer' | 'ai' | 'human' | 'system'
  name: string
}
/**
 * What changed of `ready.business` while the page is open: hours began or ended, or the business edited its profile.
 */
export interface BusinessNews {
  back: string | null
  disclosure: string
  hours: string
  name: string
  open: boolean
  reply_minutes: number | null
}
export interface CardEvent {
  card: Card
  kind?: 'card'
}
/**
 * Something that stands in the conversation and changes: a later version of the same `id` takes its place.
 */
export interface Card {
  action?: CardAction | null
  id: string
  lines?: CardLine[]
  state: string
  title: string
  total?: string | null
  type: 'quote' | 'hold' | 'booking' | 'payment' | 'complaint'
  version: number
}
/**
 * One button: a page to open, or words that the customer says by pressing it.
 */
export interface CardAction {
  label: string
  say?: string | null
  url?: string | null
}
export interface CardLine {
  label: string
  value: string
}
/**
 * `assistant`: back to the AI.
 */
export interface ChatAssistant {}
/**
 * The `auth` of a connection to `/chat`. `locale`: the page's language, like `es-MX`; it goes before the browser's.
 */
export interface ChatConnect {
  after?: number | null
  history?: string | null
  identity?: string | null
  live?: LivePosition | null
  locale?: string | null
  site: string
  token?: string | null
}
/**
 * How far the client holds the reply in progress.
 */
export interface LivePosition {
  at: number
  turn: string
}
/**
 * `continue_by_text`: the same conversation goes on by SMS.
 */
export interface ChatContinueByText {
  phone: string
}
/**
 * `feedback`: a thumb on one message; the last one counts.
 */
export interface ChatFeedback {
  comment?: string | null
  message: string
  value: 'up' | 'down'
}
/**
 * `history_page`: reads back from `before`.
 */
export interface ChatHistoryPage {
  before: number
  limit?: number
}
/**
 * `human`: asks for a person.
 */
export interface ChatHuman {
  id: string
  reason?: string | null
}
/**
 * `message`: the same id and payload again is the same message.
 */
export interface ChatMessageIn {
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
  id: string
  text: string
}
/**
 * `profile`: how to reach the customer, and which day they write about.
 */
export interface ChatProfile {
  email?: string | null
  event_date?: string | null
  name?: string | null
  phone?: string | null
  sms_consent?: boolean | null
  sms_marketing?: boolean | null
}
/**
 * `rate`: the whole conversation, at its end.
 */
export interface ChatRate {
  comment?: string | null
  id: string
  score: number
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
 * `sync`: what came after what the client holds.
 */
export interface ChatSync {
  after?: number | null
  history?: string | null
  live?: LivePosition | null
}
/**
 * `transcript`: the conversation by e-mail.
 */
export interface ChatTranscript {
  email: string
}
/**
 * `typing`: gone by itself after 6 s.
 */
export interface ChatTyping {
  on: boolean
}
/**
 * `verify_phone`: the code that came by SMS.
 */
export interface ChatVerifyPhone {
  code: string
}
export interface Closed {
  kind?: 'closed'
}
/**
 * The `auth` of a connection to `/console`: a socket token, good once.
 */
export interface ConsoleConnect {
  token: string
}
/**
 * `seen` in one conversation.
 */
export interface ConsoleSeen {
  conversation: string
  seq: number
}
/**
 * `typing` in one conversation.
 */
export interface ConsoleTyping {
  conversation: string
  on: boolean
}
/**
 * The customer said how to reach them; what it is now stands in the acknowledgement of `watch`, never in the log.
 */
export interface CustomerChanged {
  changed: ('name' | 'email' | 'phone' | 'sms_consent' | 'sms_marketing' | 'event_date')[]
  kind?: 'customer'
}
export interface Delta {
  at: number
  conversation: string
  text: string
  to: number
  turn: string
}
/**
 * `draft`: the AI words a reply for the admin; nothing is sent.
 */
export interface Draft {
  conversation: string
  instruction?: string | null
}
/**
 * A piece of a draft, for the socket that asked. `at` 0 begins (again); the last one has `done`.
 */
export interface DraftDelta {
  at: number
  conversation: string
  done?: boolean | null
  draft: string
  text: string
  to: number
}
/**
 * `draft_stop`.
 */
export interface DraftStop {
  conversation: string
}
/**
 * The envelope of a customer-visible `event`; the payload's fields stand beside these.
 */
export interface DurableEvent {
  at: string
  conversation: string
  history: string
  seq: number
}
/**
 * `give_back`: the AI answers again.
 */
export interface GiveBack {
  conversation: string
  epoch: number
  note?: string | null
}
export interface Goodbye {
  code: 'slow' | 'expired' | 'revoked' | 'draining' | 'flood'
  retry_after_ms: number
}
export interface HandoffChanged {
  by: Author
  handoff: string
  handoff_kind: 'booking' | 'complaint' | 'human' | 'payment' | 'lead'
  kind?: 'handoff'
  state: 'open' | 'claimed' | 'resolved' | 'withdrawn'
  summary: string
  updated?: boolean | null
  urgency: 'low' | 'normal' | 'high' | 'severe'
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
export interface HandoffRow {
  claimed_by: string | null
  conversation: string
  due_at: string
  facts?: {
    [k: string]: unknown
  } | null
  id: string
  kind: 'booking' | 'complaint' | 'human' | 'payment' | 'lead'
  rev: number
  state: 'open' | 'claimed' | 'resolved' | 'withdrawn'
  step?: number | null
  suggested_reply?: string | null
  summary: string
  tried?: string | null
  urgency: 'low' | 'normal' | 'high' | 'severe'
}
/**
 * `handoffs`: the list, and a subscription to its kinds.
 */
export interface Handoffs {
  cursor?: string | null
  kind?: ('booking' | 'complaint' | 'human' | 'payment' | 'lead') | null
  state?: ('open' | 'claimed' | 'resolved' | 'withdrawn') | null
}
export interface Head {
  conversation: string
  seq: number
  to?: number | null
  turn?: string | null
}
/**
 * `history_page` of either log.
 */
export interface HistoryPage {
  before: number
  conversation: string
  limit?: number
  log?: 'staff' | null
}
/**
 * `inbox`: conversations, those that wait longest first; subscribes to their rows.
 */
export interface Inbox {
  cursor?: string | null
  query?: string | null
  view: 'mine' | 'unassigned' | 'ai' | 'needs_human' | 'all' | 'closed'
}
export interface InboxEvent {
  row: InboxRow
}
export interface InboxRow {
  assignee: string | null
  assignee_name?: string | null
  channel: 'web' | 'sms'
  customer: string
  id: string
  owner: 'ai' | 'queue' | 'human'
  preview: string
  preview_author: 'customer' | 'ai' | 'human' | 'system'
  rev: number
  risk: 'low' | 'normal' | 'high' | 'severe'
  state: 'open' | 'closed'
  unread: number
  viewers: string[]
  waiting_since: string | null
}
/**
 * Whose conversation this is has changed: two customers were joined, or parted again; or a phone was proved to be the customer's.
 */
export interface Linked {
  by: Author
  kind?: 'linked'
  what: 'merged' | 'parted' | 'phone'
}
/**
 * `mention_seen`: one has looked.
 */
export interface MentionSeen {
  conversation: string
}
/**
 * All of one's own, the newest first; sent to every console of that person when they change.
 */
export interface Mentions {
  items: MentionRow[]
}
/**
 * A conversation in which one is mentioned and has not looked since.
 */
export interface MentionRow {
  at: string
  by: string
  conversation: string
}
/**
 * `mentions`: where one is mentioned and has not looked.
 */
export interface MentionsAsked {}
export interface MessageEvent {
  kind?: 'message'
  message: MessageOut
}
/**
 * A message as everyone sees it.
 */
export interface MessageOut {
  agent?: string | null
  attachments?: Attachment[] | null
  author: Author
  channel?: ('web' | 'sms') | null
  client_id?: string | null
  format: 'markdown' | 'plain'
  id: string
  interrupted?: boolean | null
  sources?: SourceRef[] | null
  text: string
  turn?: string | null
}
/**
 * A file of a message: read at `/api/uploads/{id}`.
 */
export interface Attachment {
  id: string
  name: string
  size: number
  type: string
}
/**
 * Where an answer comes from.
 */
export interface SourceRef {
  id: string
  title: string
}
export interface NoteWritten {
  attachments?: Attachment[] | null
  author: Author
  id: string
  kind?: 'note'
  mentions?: Mentioned[] | null
  text: string
}
/**
 * A colleague who is named in a note as `@name`.
 */
export interface Mentioned {
  name: string
  staff: string
}
export interface OwnerChanged {
  by: Author
  epoch: number
  expected_minutes?: number | null
  kind?: 'owner_changed'
  owner: 'ai' | 'queue' | 'human'
}
export interface Presence {
  conversation: string
  viewers: Viewer[]
}
export interface Viewer {
  name: string
  staff: string
  typing: boolean
}
/**
 * Stars for the conversation; the last ones count.
 */
export interface Rated {
  comment?: string | null
  kind?: 'rated'
  score: number
}
export interface Ready {
  business: BusinessCard
  conversation: ConversationRef
  events: {
    [k: string]: unknown
  }[]
  head: number
  history: string
  live: LiveReply | null
  more?: boolean | null
  resync?: boolean | null
  token: string
}
/**
 * `hours` and `back` as people say them, in the locale's language and the business's zone; `back` is there while closed.
 */
export interface BusinessCard {
  ask?: ('name' | 'email' | 'phone' | 'sms_consent' | 'sms_marketing' | 'event_date')[] | null
  avatar: string | null
  back?: string | null
  disclosure: string
  greeting?: string | null
  hours: string
  locale: string
  name: string
  open: boolean
  quick_replies?: string[] | null
  reply_minutes: number | null
  sms_consent?: string | null
  sms_marketing?: string | null
  texting?: boolean | null
  theme: {
    [k: string]: string
  }
}
export interface ConversationRef {
  epoch: number
  id: string
  owner: 'ai' | 'queue' | 'human'
  state: 'open' | 'closed'
}
/**
 * The reply in progress; `text` covers positions `from` to `to`.
 */
export interface LiveReply {
  from: number
  text: string
  to: number
  turn: string
}
export interface Receipt {
  conversation: string
  seq: number
  who: 'customer' | 'staff'
}
/**
 * A colleague opened it again; a message opens it without this.
 */
export interface Reopened {
  by: Author
  kind?: 'reopened'
}
export interface ReplyFinished {
  kind?: 'reply_finished'
  message?: string | null
  outcome: 'complete' | 'stopped' | 'taken_over' | 'failed'
  turn: string
}
export interface ReplyStarted {
  answers: number[]
  kind?: 'reply_started'
  turn: string
}
export interface Restarted {
  answers: number[]
  kind?: 'restarted'
  replaces: string
  turn: string
}
export interface RiskChanged {
  kind?: 'risk'
  risk: 'low' | 'normal' | 'high' | 'severe'
}
/**
 * `resolve` and `reopen`.
 */
export interface Settle {
  conversation: string
  epoch: number
}
/**
 * The envelope of a staff `event`.
 */
export interface StaffLogEvent {
  at: string
  conversation: string
  log: 'staff'
  staff_seq: number
}
/**
 * `message`: a person's words to the customer.
 */
export interface StaffMessage {
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
  conversation: string
  epoch: number
  id: string
  text: string
}
/**
 * `note`: seen by staff alone, and so are its files. `mentions` are the colleagues whom its text names as `@name`.
 */
export interface StaffNote {
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
  conversation: string
  id: string
  /**
   * @maxItems 20
   */
  mentions?:
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
    | [string, string, string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string, string, string, string, string]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
    | [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string
      ]
  text: string
}
export interface Stage {
  conversation: string
  text: string
  turn: string
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
 * What became of a text message of this conversation; the last one of a message counts. `error`: in a few words, for people.
 */
export interface Texted {
  error?: string | null
  kind?: 'text'
  message?: string | null
  segments: number
  state: 'waiting' | 'sent' | 'delivered' | 'unknown' | 'failed' | 'refused' | 'held' | 'cancelled'
  text: string
}
export interface Typing {
  author: Author
  conversation: string
  on: boolean
}
/**
 * A colleague has the assistant answer a number again that was taken for a machine.
 */
export interface Unmuted {
  by: Author
  kind?: 'unmuted'
}
/**
 * `unwatch`: no more of this conversation.
 */
export interface Unwatch {
  conversation: string
}
/**
 * `watch`: everything of one conversation, from what the client holds on. `sync` has the same shape.
 */
export interface Watch {
  after?: number | null
  after_staff?: number | null
  conversation: string
  history?: string | null
  live?: LivePosition | null
}
