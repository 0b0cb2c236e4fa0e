import { describe, expect, it } from 'vitest'
import {
  ALL,
  type Board,
  type Card,
  cardOf,
  happened,
  longer,
  neighbour,
  newsOf,
  partyOf,
  placed,
  question,
  type Status,
  toldOf,
  whyOf,
} from '../src/console/leads/leads'
import { hashOf, readRoute } from '../src/console/route'
import { did, placeOf } from '../src/console/settings/trail'

const card = (id: string, status: Status = 'new', more: Partial<Card> = {}): Card => ({
  id,
  conversation: 'c',
  channel: 'web',
  source: 'chat',
  status,
  rev: 0,
  score: 50,
  temperature: 'warm',
  reasons: [],
  facts: {},
  reached_by: [],
  created_at: '2026-03-01T12:00:00Z',
  since: '2026-03-01T12:00:00Z',
  ...more,
})
const ORDER: Status[] = ['new', 'working', 'qualified', 'nurturing', 'converted', 'disqualified']
const board = (...cards: Card[]): Board => ({
  columns: ORDER.map(status => {
    const items = cards.filter(one => one.status === status)
    return { status, items, count: items.length }
  }),
  sources: [],
  moves: Object.fromEntries(ORDER.map(one => [one, ORDER])) as Board['moves'],
})
const ids = (of: Board, status: Status) => of.columns.find(one => one.status === status)?.items.map(one => one.id)

describe('a card that moves', () => {
  const all = board(
    card('a', 'new', { score: 80 }),
    card('b'),
    card('w', 'working', { score: 60 }),
    card('v', 'working', { score: 20 }),
  )

  it('stands by its score where it went, and both columns count it', () => {
    const now = placed(all, card('b', 'working', { score: 40 }))
    expect(ids(now, 'working')).toEqual(['w', 'b', 'v'])
    expect(now.columns.map(one => one.count)).toEqual([1, 3, 0, 0, 0, 0])
  })
  it('is the first where it is settled, and the last where it is the least', () => {
    expect(ids(placed(placed(all, card('a', 'converted')), card('b', 'converted')), 'converted')).toEqual(['b', 'a'])
    expect(ids(placed(all, card('b', 'working', { score: 1 })), 'working')).toEqual(['w', 'v', 'b'])
  })
  it('keeps its place where only something of it changed', () => {
    expect(ids(placed(all, card('a', 'new', { score: 1 })), 'new')).toEqual(['a', 'b'])
  })
  it('comes onto a board that did not show it', () => {
    expect(cardOf(placed(all, card('z', 'qualified')), 'z')?.status).toBe('qualified')
  })
})

describe('what others did', () => {
  const all = board(card('a'), card('b'), card('w', 'working'))
  it('counts as news card by card', () => {
    expect(newsOf(all, all)).toBe(0)
    expect(newsOf(all, placed(all, card('b', 'working', { rev: 1 })))).toBe(1)
    expect(newsOf(all, board(card('b'), card('a'), card('w', 'working')))).toBe(1)
    expect(newsOf(all, board(card('a'), card('w', 'working')))).toBe(1)
  })
})

describe('a column that goes on', () => {
  it('shows no card twice, and its cursor moves', () => {
    const more = { status: 'new' as const, count: 4, items: [card('b'), card('w'), card('n')], cursor: 'on' }
    const now = longer(board(card('a'), card('b'), card('w', 'working')), more)
    expect(ids(now, 'new')).toEqual(['a', 'b', 'n'])
    expect(now.columns[0]?.cursor).toBe('on')
  })
})

describe('arrows', () => {
  const all = board(card('a'), card('b'), card('q', 'qualified'), card('d', 'disqualified'), card('e', 'disqualified'))
  it.each([
    ['a', 'ArrowDown', 'b'],
    ['b', 'ArrowDown', null],
    ['a', 'ArrowUp', null],
    ['b', 'ArrowRight', 'q'],
    ['q', 'ArrowRight', 'd'],
    ['e', 'ArrowLeft', 'q'],
    ['a', 'ArrowLeft', null],
    ['none', 'ArrowDown', null],
  ] as const)('from %s by %s to %s', (from, arrow, to) => {
    expect(neighbour(all, from, arrow)).toBe(to)
  })
})

describe('in words', () => {
  it('a score says what it is made of, and a party what it is', () => {
    const reasons = [
      { what: 'adults', points: 15 },
      { what: 'moon_phase', points: 2 },
    ]
    expect(whyOf(card('a', 'new', { reasons }))).toBe('Guests 15, moon phase 2')
    expect(partyOf(card('a', 'new', { facts: { adults: 8, children: 2 } }))).toBe('8 adults, 2 children')
  })
  it('marks what was hardly heard', () => {
    const told = toldOf({ adults: 8, budget_cents: 120_000, occasion: 'birthday' }, { adults: 0.6, budget_cents: 0.9 })
    expect(told).toContainEqual({ fact: ['Guests', '8 adults'], unsure: true })
    expect(told).toContainEqual({ fact: ['Budget', '$1,200'], unsure: false })
    expect(told).toContainEqual({ fact: ['Occasion', 'birthday'], unsure: false })
  })
  it.each([
    [{ kind: 'status', to_status: 'working' }, 'moved it to working'],
    [{ kind: 'status', to_status: 'disqualified', why: 'Spam' }, 'moved it to disqualified: Spam'],
    [{ kind: 'status', to_status: 'new', taken_back: true }, 'took the move back: new'],
    [{ kind: 'status', to_status: 'converted', booking: 7 }, 'Booking #7 was confirmed: converted'],
    [{ kind: 'assigned', name: 'Dana' }, 'gave it to Dana'],
    [{ kind: 'assigned' }, 'took the assignment off'],
    [{ kind: 'alert', temperature: 'hot' }, 'Nobody had looked after it: staff were told, it was hot'],
  ] as const)('%j', (event, words) => {
    expect(happened({ id: '1', at: '2026-01-01T00:00:00Z', ...event })).toBe(words)
  })
  it('of the trail lead to the lead', () => {
    const entry = { id: '1', at: '', actor_kind: 'staff', subject: 'l1', details: { to: 'working' } } as const
    expect(did({ ...entry, action: 'lead.moved' })).toBe('moved a lead to working')
    expect(placeOf({ ...entry, action: 'lead.moved' })).toBe('#/leads/l1')
  })
})

it('asks for no more than was chosen', () => {
  expect(question(ALL)).toBe('leads')
  expect(question({ ...ALL, text: ' ', temperature: 'hot', assignee: 'nobody' })).toBe(
    'leads?temperature=hot&assignee=nobody',
  )
})

it.each(['#/leads', '#/leads/01a221f2-0bd1'])('%s leads there and back', hash => {
  expect(readRoute(hash).view).toBe('leads')
  expect(hashOf(readRoute(hash))).toBe(hash)
})
