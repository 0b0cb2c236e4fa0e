import { describe, expect, it } from 'vitest'
import { desk, emptyDesk } from '../src/protocol/desk'
import { groups } from '../src/protocol/groups'
import { held, layoutOf, narrowed } from '../src/protocol/views'
import type { Row } from '../src/protocol/wire'

const me = { id: 'me', name: 'Sam' }
const row = (id: string, more: Partial<Row> = {}) =>
  ({
    id,
    rev: 1,
    customer: id,
    channel: 'web',
    owner: 'ai',
    state: 'open',
    assignee: null,
    risk: 'normal',
    ...more,
  }) as Row
const NOW = Date.parse('2026-01-01T11:00:00Z')
const at = (minute: number) => `2026-01-01T10:${String(minute).padStart(2, '0')}:00Z`
const state = (rows: Row[]) => desk(emptyDesk(me), { type: 'rows', rows })
const of = (rows: Row[]) => groups(state(rows), NOW)
const ids = (rows: Row[]) => rows.map(r => r.id)

describe('a list that is being read', () => {
  const first = of([row('a', { waiting_since: at(5) }), row('b', { waiting_since: at(6) })])

  it('keeps its rows in place, with what they say now', () => {
    const later = of([row('a', { waiting_since: at(9), preview: 'again' }), row('b', { waiting_since: at(6) })])
    const shown = held(layoutOf(first), later)
    expect(ids(shown.groups.ai)).toEqual(['a', 'b'])
    expect(shown.groups.ai[0]?.preview).toBe('again')
    expect(shown.fresh).toBe(0)
  })

  it('counts newcomers, and rows that moved to another group, and leaves both where they are', () => {
    const later = of([
      row('a', { owner: 'queue', waiting_since: at(5) }),
      row('b', { waiting_since: at(6) }),
      row('c', { waiting_since: at(1) }),
    ])
    const shown = held(layoutOf(first), later)
    expect(ids(shown.groups.ai)).toEqual(['a', 'b'])
    expect(shown.groups.needs).toEqual([])
    expect(shown.fresh).toBe(2)
  })

  it('lets go of rows that are gone', () => {
    expect(ids(held(layoutOf(first), of([row('b', { waiting_since: at(6) })])).groups.ai)).toEqual(['b'])
  })
})

describe('views', () => {
  const rows = [
    row('mine', { owner: 'human', assignee: 'me' }),
    row('theirs', { owner: 'human', assignee: 'dana' }),
    row('waits', { owner: 'queue', waiting_since: at(1) }),
    row('ai', { waiting_since: at(2) }),
    row('done', { state: 'closed' }),
  ]
  const shown = (view: Parameters<typeof narrowed>[2], found: Set<string> | null = null) =>
    Object.values(narrowed(state(rows), of(rows), view, found)).flatMap(ids)

  it('show what their name says', () => {
    expect(shown('mine')).toEqual(['mine'])
    expect(shown('needs_human')).toEqual(['waits'])
    expect(shown('unassigned')).toEqual(['waits', 'ai'])
    expect(shown('ai')).toEqual(['ai'])
    expect(shown('closed')).toEqual(['done'])
    expect(shown('all')).toHaveLength(5)
  })
  it('show of what was found only their own', () => {
    expect(shown('all', new Set(['done', 'ai']))).toEqual(['ai', 'done'])
    expect(shown('ai', new Set(['done']))).toEqual([])
  })
})
