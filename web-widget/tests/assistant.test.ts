import { describe, expect, it } from 'vitest'
import {
  type Alert,
  answerOf,
  cellOf,
  type Deed,
  settled,
  waiting,
  within,
  without,
} from '../src/console/assistant/asking'

const NONE = { items: [], unpaid: 0, leads: 0, handoffs: 0, unclaimed: 0, documents: 0, questions: 0 }

describe('how much waits', () => {
  it('is nothing where nothing does', () => {
    expect(waiting(NONE)).toBe(0)
    expect(waiting({ ...NONE, dead_letters: 0 })).toBe(0)
  })
  it('counts each party, lead and handoff, and what was not delivered as one thing', () => {
    expect(waiting({ ...NONE, unpaid: 2, leads: 3, handoffs: 1, dead_letters: 40 })).toBe(7)
    expect(waiting({ ...NONE, emails: 1, shadows: 2 })).toBe(3)
    expect(waiting({ ...NONE, unclaimed: 1, documents: 2, questions: 3, budgets: 1 })).toBe(7)
  })
})

describe('where a found line leads', () => {
  it.each(['#/c/0192-ab', '#/handoffs', '#/settings/dead-letters'])('to its place: %s', link => {
    expect(within(link)).toBe(link)
  })
  it.each([undefined, '', 'javascript:alert(1)', 'https://evil.example', '//evil.example', '#/c/1?x=<b>', '#/../x y'])(
    'nowhere else: %s',
    link => {
      expect(within(link)).toBeNull()
    },
  )
})

describe('what was dismissed', () => {
  const line = (kind: Alert['kind'], key: string): Alert => ({ kind, key, title: key, detail: '' })
  const found = {
    ...NONE,
    leads: 7,
    emails: 3,
    items: [line('lead', 'lead:1'), line('lead', 'lead:2'), line('emails', 'emails:3')],
  }
  it('is gone with its count, the others stay', () => {
    const less = without(found, 'lead:1')
    expect(less.leads).toBe(6)
    expect(less.items.map(one => one.key)).toEqual(['lead:2', 'emails:3'])
    expect(without(found, 'emails:3').emails).toBe(0)
  })
  it('changes nothing where it is not there', () => {
    expect(without(found, 'lead:9')).toBe(found)
  })
})

describe('a cell', () => {
  it.each([
    [66000, 'money', '$660'],
    [-1050, 'money', '-$10.50'],
    [2100, 'dollars', '$0.0021'],
    [1234, 'number', '1,234'],
    ['2026-12-05', 'day', 'Sat, Dec 5'],
    ['2026-12-01', 'month', '2026-12'],
    ['2026-12-05T18:00', 'moment', 'Sat, Dec 5, 6 PM'],
    ['deposit_pending', 'state', 'deposit pending'],
    ['=1+1', 'text', '=1+1'],
    [null, 'money', ''],
  ] as const)('%s as %s', (value, kind, text) => {
    expect(cellOf(value, kind)).toBe(text)
  })
})

describe('a proposal', () => {
  const deed: Deed = { id: '1', verb: 'take_over', title: 'Take over?', changes: '', state: 'proposed' }
  const empty = answerOf({ guide: 'g', title: 'G', steps: [], needs_conversation: false })
  it('is shown as it is now, once', () => {
    const shown = settled(settled(empty, deed), { ...deed, state: 'done', result: 'Done.' })
    expect(shown.proposals).toEqual([{ ...deed, state: 'done', result: 'Done.' }])
  })
})
