/** The inbox by what the owner must do, not by folder. Pure: rows in, groups out. */
import type { Desk } from './desk'
import { lastHuman } from './lines'
import { currentReply } from './thread'
import type { Row } from './wire'

export type GroupName = 'needs' | 'mine' | 'ai' | 'quiet'
export type Groups = Record<GroupName, Row[]>

/** How long an answered conversation still counts as lively. */
const LIVELY_MS = 5 * 60_000

/** The groups as before, the same value, while nothing changed that they are made of; a token of a reply does not. */
export function grouping(): (desk: Desk, now: number) => Groups {
  let before: { rows: Desk['rows']; touched: Desk['touched']; watched: string; now: number } | null = null
  let last: Groups = { needs: [], mine: [], ai: [], quiet: [] }
  return (desk, now) => {
    const { rows, touched } = desk
    const watched = Object.entries(desk.threads)
      .map(([id, t]) => `${id} ${currentReply(t) !== null} ${lastHuman(t) === desk.me.name}`)
      .join('\n')
    const same = before?.rows === rows && before.touched === touched && before.watched === watched
    if (!same || before?.now !== now) last = groups(desk, now)
    before = { rows, touched, watched, now }
    return last
  }
}

export function groups(desk: Desk, now: number): Groups {
  const out: Groups = { needs: [], mine: [], ai: [], quiet: [] }
  for (const row of Object.values(desk.rows)) out[groupOf(row, desk, now)].push(row)
  for (const list of Object.values(out)) list.sort((a, b) => order(a, b, desk.touched))
  return out
}

function groupOf(row: Row, desk: Desk, now: number): GroupName {
  if (row.state === 'closed') return 'quiet'
  if (row.owner === 'queue') return 'needs'
  if (row.owner === 'human') return isMine(desk, row.id) ? 'mine' : 'quiet'
  const thread = desk.threads[row.id]
  const streaming = thread ? currentReply(thread) !== null : false
  const lively = row.waiting_since !== null || now - (desk.touched[row.id] ?? 0) < LIVELY_MS
  return lively || streaming ? 'ai' : 'quiet'
}

/** Longest waiting first, then what moved last. */
function order(a: Row, b: Row, touched: Desk['touched']): number {
  if (a.waiting_since && b.waiting_since) return waiting(a) - waiting(b)
  if (a.waiting_since || b.waiting_since) return a.waiting_since ? -1 : 1
  return (touched[b.id] ?? 0) - (touched[a.id] ?? 0) || (a.id < b.id ? 1 : -1)
}

/** Whether I am the person who answers here: by assignment, else by what the log says. */
export function isMine(desk: Desk, conversation: string): boolean {
  const assignee = desk.rows[conversation]?.assignee
  if (assignee) return assignee === desk.me.id
  const thread = desk.threads[conversation]
  return thread !== undefined && lastHuman(thread) === desk.me.name
}

const waitingSince = new WeakMap<Row, number>()

function waiting(row: Row): number {
  const known = waitingSince.get(row)
  if (known !== undefined) return known
  const since = Date.parse(row.waiting_since ?? '')
  waitingSince.set(row, since)
  return since
}
