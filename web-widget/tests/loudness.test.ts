import { describe, expect, it } from 'vitest'
import { late } from '../src/protocol/loudness'
import type { Handoff } from '../src/protocol/wire'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const handoff = (id: string, more: Partial<Handoff> = {}): Handoff => ({
  id,
  rev: 1,
  kind: 'human',
  state: 'open',
  conversation: id,
  summary: '',
  urgency: 'normal',
  due_at: '2026-03-01T11:59:00Z',
  claimed_by: null,
  ...more,
})
const of = (...all: Handoff[]) => late(Object.fromEntries(all.map(one => [one.id, one])), NOW)

describe('loudness', () => {
  it('is none where nothing is overdue, somebody has it, or nobody waits', () => {
    const silent = [
      handoff('soon', { due_at: '2026-03-01T12:01:00Z' }),
      handoff('claimed', { state: 'claimed', step: 2 }),
      handoff('settled', { state: 'resolved', step: 3 }),
      handoff('low', { urgency: 'low', step: 3 }),
      handoff('severe', { urgency: 'severe', due_at: '2026-03-01T11:59:30Z' }),
    ]
    expect(of(...silent)).toEqual({ loudness: 0, handoffs: [] })
  })

  it('grows with each step, and not without end', () => {
    expect([undefined, 1, 2, 3, 9].map(step => of(handoff('a', { step })).loudness)).toEqual([1, 2, 3, 3, 3])
  })

  it('is that of the one that went highest, which stands first', () => {
    const found = of(handoff('a'), handoff('b', { step: 2 }), handoff('c', { step: 1 }))
    expect([found.loudness, found.handoffs.map(one => one.id)]).toEqual([3, ['b', 'c', 'a']])
  })

  it('of what is severe begins a minute after it is due, or with its first step', () => {
    const severe = { urgency: 'severe' as const, due_at: '2026-03-01T11:59:30Z' }
    expect(of(handoff('a', { ...severe, step: 1 })).loudness).toBe(2)
    expect(of(handoff('a', { ...severe, due_at: '2026-03-01T11:59:00Z' })).loudness).toBe(1)
  })
})
