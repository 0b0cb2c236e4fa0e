/** What of the inbox is looked at: views, and a layout that holds still under the reader's eye. Pure. */
import type { Desk } from './desk'
import type { GroupName, Groups } from './groups'
import { isMine } from './groups'
import type { Row } from './wire'

export const VIEWS = ['all', 'needs_human', 'mine', 'unassigned', 'ai', 'closed'] as const
export type ViewName = (typeof VIEWS)[number]

export function inView(desk: Desk, row: Row, view: ViewName): boolean {
  if (view === 'closed') return row.state === 'closed'
  if (view === 'all') return true
  if (row.state === 'closed') return false
  if (view === 'needs_human') return row.owner === 'queue'
  if (view === 'mine') return row.assignee === desk.me.id || (row.owner === 'human' && isMine(desk, row.id))
  if (view === 'unassigned') return row.assignee === null
  return row.owner === 'ai'
}

/** Keeps of each group what the view shows, and, while one searches, what was found. */
export function narrowed(desk: Desk, all: Groups, view: ViewName, found: ReadonlySet<string> | null): Groups {
  if (view === 'all' && found === null) return all
  return mapped(all, list => list.filter(row => (found === null || found.has(row.id)) && inView(desk, row, view)))
}

/** Where each row stands: its group, and its place in it. */
export type Layout = ReadonlyMap<string, { group: GroupName; place: number }>

export function layoutOf(all: Groups): Layout {
  const entries = (Object.entries(all) as [GroupName, Row[]][]).flatMap(([group, list]) =>
    list.map((row, place) => [row.id, { group, place }] as const),
  )
  return new Map(entries)
}

/** The rows in their held places, with what they say now; `fresh` counts those that came or moved to another group. */
export function held(layout: Layout, all: Groups): { groups: Groups; fresh: number } {
  const groups: Groups = { needs: [], mine: [], ai: [], quiet: [] }
  let fresh = 0
  for (const [name, list] of Object.entries(all) as [GroupName, Row[]][]) {
    for (const row of list) {
      const place = layout.get(row.id)
      if (place?.group !== name) fresh += 1
      if (place) groups[place.group].push(row)
    }
  }
  const rank = (row: Row) => layout.get(row.id)?.place ?? 0
  return { groups: mapped(groups, list => list.sort((a, b) => rank(a) - rank(b))), fresh }
}

function mapped(all: Groups, change: (list: Row[]) => Row[]): Groups {
  return { needs: change(all.needs), mine: change(all.mine), ai: change(all.ai), quiet: change(all.quiet) }
}
