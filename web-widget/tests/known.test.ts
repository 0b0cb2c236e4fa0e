import { describe, expect, it } from 'vitest'
import { eventOf, factsOf, OF_EVENT } from '../src/console/known'
import { due } from '../src/console/when'
import { counts, handoffsOf } from '../src/protocol/handoffs'
import type { Handoff } from '../src/protocol/wire'
import { HOSTILE } from './hostile'

const handoff = (id: string, more: Partial<Handoff> = {}): Handoff => ({
  id,
  rev: 0,
  kind: 'human',
  state: 'open',
  conversation: 'c',
  summary: '',
  urgency: 'normal',
  due_at: '2026-03-01T12:00:00Z',
  claimed_by: null,
  ...more,
})
const all = (...list: Handoff[]) => Object.fromEntries(list.map(h => [h.id, h]))
const ids = (list: Handoff[]) => list.map(h => h.id)

describe('what is known of an event', () => {
  it('tells guests as people say them, days and hours as they are read', () => {
    const facts = {
      time: '18:00',
      adults: 12,
      children: 1,
      under_six: 2,
      date: '2031-12-05',
      place: '94103',
      diets: 'vegan',
    }
    const told = new Map(factsOf(facts))
    expect([...told.keys()]).toEqual(['Date', 'Time', 'Guests', 'Place', 'Diets'])
    expect(told.get('Guests')).toBe('12 adults, 1 child, 2 under six')
    expect(told.get('Date')).toMatch(/Dec/)
    expect(told.get('Date')).toMatch(/2031/)
    expect(told.get('Time')).toMatch(/6:00/)
  })

  it('names every day that was offered, and the number of people where no ages are known', () => {
    const told = new Map(factsOf({ date: '2031-12-05', other_dates: '2031-12-06, 2031-12-07', guests: 20 }))
    expect(told.get('Date')?.split(' or ')).toHaveLength(3)
    expect(told.get('Guests')).toBe('20')
  })

  it('has the newest word on each thing, over the lead and all handoffs', () => {
    const older = handoff('1', { facts: { place: 'Oakland', name: 'Ana' } })
    const newer = handoff('2', { facts: { place: 'San Jose' } })
    expect(new Map(eventOf({ adults: 9, place: 'Fresno' }, [newer, older]))).toEqual(
      new Map([
        ['Guests', '9 adults'],
        ['Place', 'San Jose'],
        ['Name', 'Ana'],
      ]),
    )
  })

  it('leaves to the handoff what is of the handoff alone', () => {
    const facts = { place: 'Oakland', severity: 'severe', amount_cents: 12050, method: 'zelle' }
    expect(eventOf({}, [handoff('1', { facts })]).map(([name]) => name)).toEqual(['Place'])
    expect(factsOf(facts, OF_EVENT)).toEqual([
      ['Amount', '$120.50'],
      ['Severity', 'severe'],
      ['Method', 'zelle'],
    ])
  })

  it.each(HOSTILE)('is of bounded words with $kind: $text', ({ text }) => {
    for (const [name, value] of factsOf({
      [text]: text,
      place: text.repeat(50),
      adults: text,
      list: [text],
      odd: { text },
    })) {
      expect(name.length).toBeLessThanOrEqual(40)
      expect(value.length).toBeLessThanOrEqual(200)
    }
  })
})

describe('handoffs', () => {
  const severe = handoff('severe', { kind: 'complaint', urgency: 'severe', due_at: '2026-03-02T12:00:00Z' })
  const late = handoff('late', { due_at: '2026-03-01T09:00:00Z' })
  const mine = handoff('mine', { kind: 'booking', state: 'claimed', claimed_by: 'me' })
  const done = handoff('done', { state: 'resolved', kind: 'booking' })
  const gone = handoff('gone', { state: 'withdrawn' })
  const held = all(done, mine, late, gone, severe)

  it('stand with the most urgent first, then what is due first; what is over stands apart', () => {
    expect(ids(handoffsOf(held, { kind: null, standing: 'todo' }, 'me'))).toEqual(['severe', 'late', 'mine'])
    expect(ids(handoffsOf(held, { kind: null, standing: 'mine' }, 'me'))).toEqual(['mine'])
    expect(ids(handoffsOf(held, { kind: null, standing: 'done' }, 'me')).sort()).toEqual(['done', 'gone'])
  })

  it('are counted and narrowed by kind', () => {
    expect(counts(held, 'todo', 'me')).toEqual({ booking: 1, complaint: 1, human: 1, payment: 0, lead: 0 })
    expect(ids(handoffsOf(held, { kind: 'booking', standing: 'todo' }, 'me'))).toEqual(['mine'])
    expect(ids(handoffsOf(held, { kind: 'booking', standing: 'mine' }, 'somebody'))).toEqual([])
  })
})

describe('a due time', () => {
  const now = Date.parse('2026-03-01T12:00:00Z')
  const dueIn = (ms: number) => due(new Date(now + ms).toISOString(), now)

  it('counts down, then up', () => {
    expect(dueIn(12 * 60_000 + 5)).toEqual({ text: 'due in 12 min', overdue: false, soon: false })
    expect(dueIn(4 * 60_000)).toEqual({ text: 'due in 4 min', overdue: false, soon: true })
    expect(dueIn(20_000)).toEqual({ text: 'due in under a minute', overdue: false, soon: true })
    expect(dueIn(0).overdue).toBe(false)
    expect(dueIn(-1)).toEqual({ text: 'overdue by under a minute', overdue: true, soon: false })
    expect(dueIn(-7 * 60_000).text).toBe('overdue by 7 min')
    expect(dueIn(-3 * 3_600_000).text).toBe('overdue by 3 h')
    expect(dueIn(-80 * 3_600_000).text).toBe('overdue by 3 days')
  })

  it('names the moment where it is further off than an hour', () => {
    expect(dueIn(30 * 3_600_000).text).toMatch(/^due /)
    expect(dueIn(30 * 3_600_000).text).not.toMatch(/min/)
  })
})
