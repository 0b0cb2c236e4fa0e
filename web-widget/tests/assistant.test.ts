import { describe, expect, it } from 'vitest'
import { waiting, within } from '../src/console/assistant/asking'

const NONE = { items: [], unpaid: 0, leads: 0, handoffs: 0 }

describe('how much waits', () => {
  it('is nothing where nothing does', () => {
    expect(waiting(NONE)).toBe(0)
    expect(waiting({ ...NONE, dead_letters: 0 })).toBe(0)
  })
  it('counts each party, lead and handoff, and what was not delivered as one thing', () => {
    expect(waiting({ ...NONE, unpaid: 2, leads: 3, handoffs: 1, dead_letters: 40 })).toBe(7)
    expect(waiting({ ...NONE, emails: 1, shadows: 2 })).toBe(3)
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
