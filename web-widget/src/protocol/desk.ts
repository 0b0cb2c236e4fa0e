/** Everything the console shows, as one pure reducer: the inbox, the watched threads, handoffs, presence, the outbox. */
import { unmarked } from '../text/unmarked'
import { clientIdsOf, type Link, nextLink, TYPING_MS } from './chat'
import { type Files, type FilesAction, files } from './files'
import { type Outbox, type OutboxAction, outbox } from './outbox'
import { emptyThread, type Thread, type ThreadAction, thread } from './thread'
import type {
  Agreed,
  Author,
  DraftDelta,
  Handoff,
  Lead,
  MentionRow,
  Owner,
  Row,
  Staff,
  StaffEvent,
  Viewer,
  Watched,
  WireError,
} from './wire'

export interface Details {
  customer: Record<string, unknown> | null
  summary: string | null
  lead: Lead | null
  /** To text messages, by number; absent where nothing was ever said. */
  consent?: Agreed | undefined
}

/** A command that was refused: what happened, and whether asking again with force may help. */
export interface Notice {
  conversation: string
  command: string
  error: WireError
}

export interface Desk {
  link: Link
  me: Staff
  rows: Readonly<Record<string, Row>>
  loaded: boolean
  /** How far the server's clock is ahead of this machine's, milliseconds. */
  skew: number
  /** When a row last changed before our eyes, by the server's clock; tells what is lively from what is quiet. */
  touched: Readonly<Record<string, number>>
  handoffs: Readonly<Record<string, Handoff>>
  /** Where I am mentioned and have not looked. */
  mentions: readonly MentionRow[]
  threads: Readonly<Record<string, Thread>>
  details: Readonly<Record<string, Details>>
  viewers: Readonly<Record<string, readonly Viewer[]>>
  typing: Readonly<Record<string, { author: Author; until: number }>>
  names: Readonly<Record<string, string>>
  outbox: Outbox
  /** Those of each conversation's reply and note, by their place. */
  files: Files
  /** What is being written, kept while one looks elsewhere or a colleague takes over. */
  drafts: Readonly<Record<string, Drafts>>
  notice: Notice | null
  /** The AI's draft that streams into a reply; `draft` is null until the first piece names it. */
  drafting: { conversation: string; draft: string | null; to: number; raw: string } | null
  /** Whether the gateway words drafts, as far as it said. */
  draftable: boolean
}

export interface Drafts {
  reply: string
  note: string
}
export const NO_DRAFTS: Drafts = { reply: '', note: '' }

export type DeskAction =
  | { type: 'link'; state: Link['state']; now: number; why?: string }
  | { type: 'clock'; skew: number }
  | { type: 'rows'; rows: readonly Row[] }
  | { type: 'listed'; ids: ReadonlySet<string> }
  | { type: 'row'; row: Row; now: number }
  | { type: 'handoffs'; handoffs: readonly Handoff[] }
  | { type: 'mentions'; items: readonly MentionRow[] }
  | { type: 'watched'; conversation: string; answer: Watched }
  | { type: 'thread'; conversation: string; action: ThreadAction }
  | { type: 'owned'; conversation: string; owner: Owner; epoch: number; taken: boolean }
  | { type: 'presence'; conversation: string; viewers: readonly Viewer[] }
  | { type: 'typing'; conversation: string; author: Author; on: boolean; now: number }
  | { type: 'outbox'; action: OutboxAction }
  | { type: 'files'; action: FilesAction }
  | { type: 'draft'; conversation: string; which: keyof Drafts; text: string }
  | { type: 'notice'; notice: Notice | null }
  | { type: 'drafting'; conversation: string }
  | { type: 'draft_delta'; delta: DraftDelta }
  | { type: 'draft_over'; offered?: boolean }
  | { type: 'tick'; now: number }

export function emptyDesk(me: Staff): Desk {
  return {
    link: { state: 'connecting', since: null, why: null },
    me,
    rows: {},
    loaded: false,
    skew: 0,
    touched: {},
    handoffs: {},
    mentions: [],
    threads: {},
    details: {},
    viewers: {},
    typing: {},
    names: { [me.id]: me.name },
    outbox: [],
    files: [],
    drafts: {},
    notice: null,
    drafting: null,
    draftable: true,
  }
}

export function desk(state: Desk, action: DeskAction): Desk {
  switch (action.type) {
    case 'link':
      return {
        ...state,
        link: nextLink(state.link, action),
        files: action.state === 'up' ? files(state.files, { type: 'up', fresh: false }) : state.files,
      }
    case 'clock':
      return { ...state, skew: action.skew }
    case 'rows':
      return { ...state, rows: newest(state.rows, action.rows) }
    case 'listed': {
      const kept = Object.entries(state.rows).filter(([id]) => action.ids.has(id))
      return { ...state, loaded: true, rows: Object.fromEntries(kept) }
    }
    case 'row': {
      const rows = newest(state.rows, [action.row])
      if (rows === state.rows) return state
      return checked(
        { ...state, rows, touched: { ...state.touched, [action.row.id]: action.now + state.skew } },
        action.row,
      )
    }
    case 'handoffs':
      return { ...state, handoffs: newest(state.handoffs, action.handoffs) }
    case 'mentions':
      return { ...state, mentions: action.items }
    case 'watched':
      return watched(state, action.conversation, action.answer)
    case 'thread':
      return withThread(state, action.conversation, t => thread(t, action.action))
    case 'owned':
      return withThread(ownedRow(state, action), action.conversation, t => owned(t, action.owner, action.epoch))
    case 'presence': {
      const learnt = Object.fromEntries(action.viewers.map(v => [v.staff, v.name]))
      const viewers = { ...state.viewers, [action.conversation]: action.viewers }
      return { ...state, viewers, names: { ...state.names, ...learnt } }
    }
    case 'typing': {
      const { [action.conversation]: _before, ...others } = state.typing
      if (!action.on) return { ...state, typing: others }
      return {
        ...state,
        typing: { ...others, [action.conversation]: { author: action.author, until: action.now + TYPING_MS } },
      }
    }
    case 'outbox':
      return settleAll({ ...state, outbox: outbox(state.outbox, action.action) })
    case 'files':
      return { ...state, files: files(state.files, action.action) }
    case 'draft': {
      const before = state.drafts[action.conversation] ?? NO_DRAFTS
      return {
        ...state,
        drafts: { ...state.drafts, [action.conversation]: { ...before, [action.which]: action.text } },
      }
    }
    case 'notice':
      return { ...state, notice: action.notice }
    case 'drafting':
      return { ...state, drafting: { conversation: action.conversation, draft: null, to: 0, raw: '' } }
    case 'draft_delta':
      return drafted(state, action.delta)
    case 'draft_over':
      return { ...state, drafting: null, draftable: action.offered ?? state.draftable }
    case 'tick':
      return tick(state, action.now)
  }
}

/** A piece joins the reply where it belongs; one that does not fit is of a draft that is over. */
function drafted(state: Desk, d: DraftDelta): Desk {
  const now = state.drafting
  const fits = now?.conversation === d.conversation && (now.draft === null || now.draft === d.draft)
  if (!fits || (d.at !== 0 && d.at !== now.to)) return state
  const before = state.drafts[d.conversation] ?? NO_DRAFTS
  // The model writes Markdown; what people send is plain text.
  const raw = d.at === 0 ? d.text : now.raw + d.text
  return {
    ...state,
    drafts: { ...state.drafts, [d.conversation]: { ...before, reply: unmarked(raw) } },
    drafting: d.done ? null : { ...now, draft: d.draft, to: d.to, raw },
  }
}

function newest<T extends { id: string; rev: number }>(known: Readonly<Record<string, T>>, incoming: readonly T[]) {
  const news = incoming.filter(row => row.rev > (known[row.id]?.rev ?? -1))
  return news.length ? { ...known, ...Object.fromEntries(news.map(row => [row.id, row])) } : known
}

/** A row that tells another owner or state than its thread: the thread asks how it stands. */
function checked(state: Desk, row: Row): Desk {
  const c = state.threads[row.id]?.conversation
  if (!c || (c.owner === row.owner && c.state === row.state)) return state
  return withThread(state, row.id, t => thread(t, { type: 'lost' }))
}

function watched(state: Desk, id: string, answer: Watched): Desk {
  const details: Details = {
    customer: answer.customer ?? null,
    summary: answer.summary ?? null,
    lead: answer.lead ?? null,
    consent: answer.consent?.sms,
  }
  const next = { ...state, details: { ...state.details, [id]: details } }
  return withThread(next, id, t => {
    const merged = thread(t, { type: 'snapshot', snapshot: answer })
    return thread(merged, { type: 'staff', events: answer.staff_events ?? [], head: answer.head_staff })
  })
}

function withThread(state: Desk, id: string, change: (t: Thread) => Thread): Desk {
  const before = state.threads[id] ?? emptyThread
  const after = change(before)
  if (after === before) return state
  const learnt = namesOf(before, after)
  const names = Object.keys(learnt).length ? { ...state.names, ...learnt } : state.names
  const next = { ...state, names, threads: { ...state.threads, [id]: after } }
  return settle(quietened(next, id, before, after), id)
}

/** Typing that became a message is typing no more. */
function quietened(state: Desk, id: string, before: Thread, after: Thread): Desk {
  if (!state.typing[id] || before.events === after.events) return state
  const last = after.events.at(-1)
  if (last?.kind !== 'message' || last.message.author.kind !== 'customer') return state
  const { [id]: _gone, ...typing } = state.typing
  return { ...state, typing }
}

/** The row says so at once; the server's next row of a higher `rev` has the last word. */
function ownedRow(state: Desk, a: { conversation: string; owner: Owner; taken: boolean }): Desk {
  const row = state.rows[a.conversation]
  if (!row) return state
  const assignee = a.taken ? state.me.id : row.assignee
  return { ...state, rows: { ...state.rows, [row.id]: { ...row, owner: a.owner, assignee } } }
}

function owned(t: Thread, owner: Owner, epoch: number): Thread {
  const c = t.conversation
  if (!c || epoch < c.epoch || (c.owner === owner && c.epoch === epoch)) return t
  return { ...t, conversation: { ...c, owner, epoch } }
}

function namesOf(before: Thread, after: Thread): Record<string, string> {
  if (before.staff === after.staff) return {}
  const pairs = after.staff.flatMap((e: StaffEvent) =>
    e.kind === 'assigned' && e.staff && e.name ? [[e.staff, e.name] as const] : [],
  )
  return Object.fromEntries(pairs)
}

function settleAll(state: Desk): Desk {
  const conversations = new Set(state.outbox.map(o => o.conversation))
  return [...conversations].reduce((s, id) => (id === null ? s : settle(s, id)), state)
}

function settle(state: Desk, conversation: string): Desk {
  const t = state.threads[conversation]
  if (!t || !state.outbox.some(o => o.conversation === conversation)) return state
  const notes = t.staff.flatMap(e => (e.kind === 'note' ? [e.id] : []))
  const clientIds = new Set([...clientIdsOf(t.events), ...notes])
  const seen = { clientIds, conversation, after: t.after ?? 0, afterStaff: t.afterStaff ?? 0 }
  const kept = outbox(state.outbox, { type: 'seen', ...seen })
  return kept === state.outbox ? state : { ...state, outbox: kept }
}

function tick(state: Desk, now: number): Desk {
  const live = Object.entries(state.typing).filter(([, t]) => t.until > now)
  const typing = live.length === Object.keys(state.typing).length ? state.typing : Object.fromEntries(live)
  const ticked = Object.entries(state.threads).map(([id, t]) => [id, thread(t, { type: 'tick', now })] as const)
  const changed = ticked.some(([id, t]) => t !== state.threads[id])
  if (!changed && typing === state.typing) return state
  return { ...state, typing, threads: changed ? Object.fromEntries(ticked) : state.threads }
}
