import { describe, expect, it } from 'vitest'
import {
  type Coupon,
  centsOf,
  dollars,
  inOrder,
  type Line,
  long,
  type Party,
  top,
  topicOf,
  usableOn,
  weekOf,
} from '../src/console/complaints/complaints'
import { hashOf, readRoute } from '../src/console/route'

const line = (id: string, more: Partial<Line> = {}): Line => ({
  id,
  conversation: 'c',
  severity: 'minor',
  state: 'open',
  summary: 'Something',
  created_at: '2026-03-01T12:00:00Z',
  ...more,
})

describe('the list', () => {
  it('has the gravest first, and of those the longest waiting', () => {
    const lines = [
      line('minor'),
      line('new', { severity: 'severe', created_at: '2026-03-02T12:00:00Z' }),
      line('moderate', { severity: 'moderate', created_at: '2026-02-01T12:00:00Z' }),
      line('old', { severity: 'severe' }),
    ]
    expect(inOrder(lines, 'open').map(one => one.id)).toEqual(['old', 'new', 'moderate', 'minor'])
    expect(inOrder(lines, 'resolved')).toEqual(lines)
  })

  it('names topics as the profile does, also one that it has no more', () => {
    expect(topicOf('no_show', [{ key: 'no_show', name: 'no-show' }])).toBe('no-show')
    expect(topicOf('cold_food', [])).toBe('cold food')
    expect(topicOf(undefined, [])).toBeNull()
  })
})

describe('money', () => {
  it.each([
    ['100', 10_000],
    ['$49.90', 4_990],
    ['1,000', 100_000],
    ['0.5', 50],
  ])('reads %s', (typed, cents) => {
    expect(centsOf(typed)).toBe(cents)
  })

  it.each(['', 'ten', '-5', '1.234', '1e3', '5 %'])('does not read %s', typed => {
    expect(centsOf(typed)).toBeNull()
  })

  it('is written as people write it', () => {
    expect([dollars(10_000), dollars(4_990), dollars(123_456_00)]).toEqual(['$100', '$49.90', '$123,456'])
  })
})

describe('a coupon', () => {
  const now = Date.parse('2026-03-01T12:00:00Z')
  const coupon: Coupon = {
    id: 'k',
    percent: 10,
    cents_at_most: 10_000,
    state: 'approved',
    reason: 'Cold food',
    expires_at: '2026-09-01T12:00:00Z',
    created_at: '2026-03-01T11:00:00Z',
  }
  const party = (number: number, status: string, starts_at: string): Party => ({
    id: `${number}`,
    number,
    status,
    starts_at,
    guests: 10,
    station: 'fremont',
  })
  const parties = [
    party(4, 'confirmed', '2026-06-01T12:00:00Z'),
    party(3, 'completed', '2026-02-01T12:00:00Z'),
    party(2, 'deposit_pending', '2026-05-01T12:00:00Z'),
    party(1, 'cancelled', '2026-05-02T12:00:00Z'),
  ]

  it('is used on a party that stands, the next first', () => {
    expect(usableOn(coupon, parties, now).map(one => one.number)).toEqual([2, 4])
  })

  it.each([
    { ...coupon, state: 'proposed' as const },
    { ...coupon, state: 'used' as const },
    { ...coupon, expires_at: '2026-03-01T12:00:00Z' },
  ])('is used on none where it is not good: $state until $expires_at', bad => {
    expect(usableOn(bad, parties, now)).toEqual([])
  })
})

describe('plots', () => {
  it.each([
    [0, 4],
    [4, 4],
    [5, 5],
    [11, 20],
    [21, 25],
    [26, 50],
    [101, 200],
    [990, 1000],
  ])('of at most %i reach up to %i', (largest, most) => {
    expect(top(largest)).toBe(most)
  })

  it('name weeks alike in every time zone, and spans in words', () => {
    expect(weekOf('2026-11-23')).toBe('23 Nov')
    expect([long(undefined), long(0), long(59), long(60), long(185), long(4320)]).toEqual([
      'not yet',
      '0 min',
      '59 min',
      '1 h',
      '3 h 5 min',
      '3 days',
    ])
  })
})

describe('the address', () => {
  it.each(['#/complaints', '#/complaints/patterns', '#/complaints/01a221f2-0bd1'])('%s leads there and back', hash => {
    expect(readRoute(hash).view).toBe('complaints')
    expect(hashOf(readRoute(hash))).toBe(hash)
  })
})
