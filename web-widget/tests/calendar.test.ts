import { describe, expect, it } from 'vitest'
import { clock, dayOf, daysOf, plusDays, plusMonths, step, titleOf, weekdayOf } from '../src/console/calendar/dates'
import { type ChefRow, dated, inWords as hoursInWords, span, toClock } from '../src/console/calendar/hours'
import { refusalOf } from '../src/console/calendar/moves'
import {
  byWhom,
  type CalendarDays,
  columnsOf,
  countsOf,
  factsOf,
  happened,
  inColumn,
  inSlot,
  money,
  movable,
  type Party,
  placed,
  stands,
} from '../src/console/calendar/parties'
import { hashOf, readRoute } from '../src/console/route'

const PARTY: Party = {
  id: 'a',
  number: 7,
  conversation: 'c',
  status: 'confirmed',
  station: 'fremont',
  day: '2026-12-05',
  slot: '18:00:00',
  at: '18:00:00',
  ends: '19:36:00',
  lane: 1,
  starts_at: '2026-12-06T02:00:00Z',
  guests: 12,
  name: 'Ana Perez',
  kept: false,
  version: 2,
}
const party = (more: Partial<Party>): Party => ({ ...PARTY, ...more })
const DAYS: CalendarDays = {
  today: '2026-11-28',
  time_zone: 'America/Los_Angeles',
  slots: ['12:00:00', '18:00:00'],
  stations: [{ key: 'fremont', name: 'Fremont', capacity: 1 }],
  chefs: [
    { number: 1, name: 'Kenji', station: 'fremont', off: ['2026-12-05'] },
    { number: 2, name: 'Mika', station: 'fremont', off: [] },
  ],
  parties: [],
}

describe('days', () => {
  it.each(['2026-12-05', '2024-02-29', '2027-03-14'])('%s is one', day => expect(dayOf(day)).toBe(day))
  it.each(['2026-02-29', '2026-13-01', 'soon', '', '2026-1-1', null, undefined])('%s is none', day =>
    expect(dayOf(day)).toBeNull(),
  )
  it('are counted over months, years and days on which clocks change', () => {
    expect(plusDays('2026-12-31', 1)).toBe('2027-01-01')
    expect(plusDays('2027-03-13', 2)).toBe('2027-03-15')
    expect(plusDays('2026-11-01', -1)).toBe('2026-10-31')
    expect(plusMonths('2027-01-31', 1)).toBe('2027-02-28')
    expect(plusMonths('2026-11-30', -9)).toBe('2026-02-28')
  })
  it('make weeks from Monday and whole weeks around a month', () => {
    expect(weekdayOf('2026-12-07')).toBe(0)
    expect(daysOf('week', '2026-12-06')).toEqual(Array.from({ length: 7 }, (_, n) => plusDays('2026-11-30', n)))
    const month = daysOf('month', '2026-12-05')
    expect([month[0], month[month.length - 1], month.length % 7]).toEqual(['2026-11-30', '2027-01-03', 0])
    expect(daysOf('month', '2027-02-10')).toHaveLength(28)
  })
  it('step by what is shown', () => {
    expect(step('day', '2026-12-31', 1)).toBe('2027-01-01')
    expect(step('week', '2026-12-05', -1)).toBe('2026-11-28')
    expect(step('month', '2027-01-31', 1)).toBe('2027-02-28')
  })
  it('are named without the browser’s time zone', () => {
    expect(titleOf('day', '2026-12-05')).toBe('Saturday, December 5, 2026')
    expect(titleOf('week', '2026-12-05')).toBe('Nov 30 – Dec 6, 2026')
    expect(titleOf('month', '2026-12-05')).toBe('December 2026')
    expect(['00:00:00', '12:00:00', '18:30:00'].map(clock)).toEqual(['12 AM', '12 PM', '6:30 PM'])
  })
})

describe('a party', () => {
  it('stands in one column and one slot', () => {
    const columns = columnsOf(DAYS, '2026-12-05')
    expect(columns.map(({ title, chef, off }) => [title, chef, off])).toEqual([
      ['No chef yet', null, false],
      ['Kenji', 1, true],
      ['Mika', 2, false],
    ])
    const all = [party({}), party({ id: 'b', chef: 2 }), party({ id: 'c', chef: 2, slot: '12:00:00' })]
    const found = columns.map(column => inColumn(inSlot(all, '2026-12-05', '18:00:00'), column).map(one => one.id))
    expect(found).toEqual([['a'], [], ['b']])
  })
  it('has one column per station where no chef is known', () => {
    expect(columnsOf({ ...DAYS, chefs: [] }, '2026-12-05').map(one => one.title)).toEqual(['Fremont'])
  })
  it('moves to another start or chef, and is there already where it is', () => {
    expect(placed(PARTY, { day: '2026-12-06', at: '12:00:00' })).toMatchObject({ day: '2026-12-06', slot: '12:00:00' })
    expect(placed(PARTY, { day: '2026-12-05', at: '18:00:00', chef: 2 }).chef).toBe(2)
    expect('chef' in placed(party({ chef: 2 }), { day: '2026-12-05', at: '18:00:00', chef: null })).toBe(false)
    expect(stands(PARTY, { day: '2026-12-05', at: '18:00:00', chef: null })).toBe(true)
    expect(stands(PARTY, { day: '2026-12-05', at: '18:00:00', chef: 1 })).toBe(false)
    // Its start was moved within its slot: dropped on the slot, it stays.
    expect(stands(party({ at: '18:30:00' }), { day: '2026-12-05', at: '18:00:00' })).toBe(true)
  })
  it('is moved by no hand once it is over, or asked to be cancelled', () => {
    const states = [
      'held',
      'deposit_pending',
      'confirmed',
      'in_progress',
      'completed',
      'cancellation_requested',
      'no_show',
    ] as const
    expect(states.filter(status => movable(party({ status })))).toEqual(['held', 'deposit_pending', 'confirmed'])
  })
  it('counts in its day', () => {
    const all = [party({}), party({ id: 'b', status: 'held', guests: 8 }), party({ id: 'c', day: '2026-12-06' })]
    expect(countsOf(all, '2026-12-05')).toEqual({ parties: 2, guests: 20, unsure: 1 })
  })
  it('goes back with a reason and other starts', () => {
    const others = [{ kind: 'same_day' as const, day: '2026-12-06', at: '15:00:00' }]
    const refusal = refusalOf(PARTY, { outcome: 'not_free', words: 'That slot is taken.', others })
    expect(refusal.words).toBe('Ana Perez cannot be moved there. That slot is taken.')
    expect(refusal.others.map(one => one.label)).toEqual(['Sun, Dec 6, 3 PM'])
  })
})

describe('words', () => {
  it('of money, facts and history', () => {
    expect([money(69000), money(20), money(110000)]).toEqual(['$690', '$0.20', '$1,100'])
    const facts = { proteins: { chicken: 12, new_york_strip: 0 }, diets: ['gluten_free'], note: '', indoor: false }
    expect(factsOf(facts)).toEqual([
      ['Proteins', 'chicken 12'],
      ['Diets', 'gluten free'],
    ])
    const line = { at: '', kind: 'rescheduled', by_kind: 'human' as const, by: 'Dana', details: {} }
    expect([happened(line), byWhom(line)]).toEqual(['Moved to another start', 'by Dana'])
    expect(happened({ ...line, kind: 'something_new' })).toBe('something new')
  })
  it('of a chef’s hours', () => {
    expect(span('10:00', '01:00')).toEqual({ from_minute: 600, to_minute: 1500 })
    expect([toClock(1080), toClock(1500)]).toEqual(['18:00', '01:00'])
    const chef = { times: [] } as unknown as ChefRow
    expect(hoursInWords(chef)).toBe('Every day')
    const some = {
      ...chef,
      times: [
        { kind: 'weekly', weekday: 5 },
        { kind: 'off', day: '2026-12-05' },
      ],
    } as ChefRow
    expect(hoursInWords(some)).toBe('Sat · 1 day off')
    expect(dated(some.times, '2026-12-06')).toEqual([])
  })
})

describe('an address of the calendar', () => {
  it.each(['#/calendar', '#/calendar/week', '#/calendar/day/2026-12-05', '#/calendar/month/2026-12-05/0190-ab'])(
    '%s leads back to itself',
    hash => expect(hashOf(readRoute(hash))).toBe(hash),
  )
  it.each(['#/calendar/year', '#/calendar/day/a/b/c', '#/calendar/'])('%s is no place: the inbox', hash =>
    expect(readRoute(hash).view).toBe('inbox'),
  )
})
