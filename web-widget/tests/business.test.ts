import { describe, expect, it } from 'vitest'
import {
  begin,
  faultAt,
  faultsBelow,
  isChanged,
  kept,
  named,
  newDish,
  set,
  standing,
  taken,
  type,
} from '../src/console/settings/business/draft'
import { at, type Content, onTop, put, same } from '../src/console/settings/business/profile'
import { label, sentence, shown } from '../src/console/settings/business/telling'
import { dollars, keyFor, read, spoken, write } from '../src/console/settings/business/typed'
import { faultOf, type Line, linesOf, saidOf, weekOf } from '../src/console/settings/business/week'

const CONTENT: Content = {
  prices: { adult_cents: 5500, child_cents: 3000 },
  menu: { upgrades: [{ key: 'salmon', en: 'salmon', price_cents: 500 }] },
}
const PRICE = ['prices', 'adult_cents']

describe('what people type', () => {
  it.each([
    ['', 'Write an amount like 55 or 55.50.'],
    ['lots', 'Write an amount like 55 or 55.50.'],
    ['-5', 'Write an amount like 55 or 55.50.'],
    ['5.555', 'Write an amount like 55 or 55.50.'],
    ['1,10', 'Write an amount like 55 or 55.50.'],
    ['1e3', 'Write an amount like 55 or 55.50.'],
    ['100000.01', 'The most is $100,000. Write less.'],
  ])('is refused as money: %s', (typed, fault) => {
    expect(read('money', typed)).toEqual({ fault })
  })
  it.each([
    ['55', 5500],
    ['55.5', 5550],
    [' $1,100.05 ', 110005],
    ['0', 0],
    ['1.10', 110],
    ['4.35', 435],
    ['100000', 10_000_000],
  ])('is money: %s', (typed, cents) => {
    expect(read('money', typed)).toEqual({ value: cents })
    expect(read('money', write('money', cents))).toEqual({ value: cents })
  })
  it('is a count, or is not', () => {
    expect(read('count', '12')).toEqual({ value: 12 })
    for (const typed of ['', '1.5', '-1', 'x', '1000001']) expect(read('count', typed)).toHaveProperty('fault')
  })
  it('is never an empty text', () => expect(read('text', '  ')).toHaveProperty('fault'))
  it('is shown as people write it', () => {
    expect([0, 20, 5500, 110_000].map(dollars)).toEqual(['$0', '$0.20', '$55', '$1,100'])
    expect(['00:00:00', '12:00:00', '21:30:00'].map(spoken)).toEqual(['12 AM', '12 PM', '9:30 PM'])
  })
  it('gives new things keys of their own', () => {
    expect(keyFor('Piña & ají!', [])).toBe('pin_a_aji')
    expect(keyFor('68 oz steak', ['oz_steak'])).toBe('oz_steak_2')
    expect(keyFor('寿司', ['new'])).toBe('new_2')
  })
})

describe('the draft', () => {
  const fresh = begin(1, CONTENT)
  it('keeps what does not read, with why, and the value as it was', () => {
    const wrong = type(fresh, PRICE, 'money', 'lots')
    expect(standing(wrong, PRICE, 'money')).toBe('lots')
    expect(faultAt(wrong, PRICE)).toBe('Write an amount like 55 or 55.50.')
    expect(at(wrong.content, PRICE)).toBe(5500)
    expect(isChanged(wrong, '')).toBe(true)
    const right = type(wrong, PRICE, 'money', '58')
    expect(faultAt(right, PRICE)).toBeNull()
    expect(at(right.content, PRICE)).toBe(5800)
    expect(fresh.content).toBe(CONTENT)
    expect(isChanged(type(right, PRICE, 'money', '55'), '')).toBe(false)
  })
  it('drops the faults of what is changed or taken away', () => {
    const fault = { path: 'menu.upgrades.0.price_cents', what: 'x', why: 'y', todo: 'z' }
    const wrong = { ...fresh, faults: [fault], typed: { 'menu.upgrades.0.price_cents': 'q' } }
    expect(faultsBelow(wrong, ['menu', 'upgrades', 0])).toEqual([fault])
    expect(faultsBelow(wrong, ['menu', 'upgrade'])).toEqual([])
    const gone = set(wrong, ['menu', 'upgrades', 0], undefined)
    expect([gone.faults, gone.typed, at(gone.content, ['menu', 'upgrades'])]).toEqual([[], {}, []])
  })
  it('drops Spanish words that are taken back', () => {
    const path = ['menu', 'upgrades', 0, 'es']
    const both = type(fresh, path, 'text', 'salmón')
    expect(at(both.content, path)).toBe('salmón')
    expect(type(both, path, 'text', ' ').content).toEqual(CONTENT)
  })
  it('gives a new dish its key by the name that it has when it is saved', () => {
    const dishes = at(CONTENT, ['menu', 'upgrades']) as unknown as { key: string }[]
    const two = [...dishes, newDish(dishes), { ...newDish([...dishes, newDish(dishes)]), en: 'Salmon' }]
    const keys = at(named(put(CONTENT, ['menu', 'upgrades'], two as never)), [
      'menu',
      'upgrades',
    ]) as unknown as typeof dishes
    expect(keys.map(one => one.key)).toEqual(['salmon', 'new_dish', 'salmon_2'])
    expect(named(CONTENT)).toBe(CONTENT)
  })
  it('is kept over a look elsewhere, and only where there is something', () => {
    expect(kept(fresh, '')).toBeNull()
    const edited = type(fresh, PRICE, 'money', '58')
    expect(taken(kept(edited, ''))).toEqual(edited)
    for (const nonsense of [null, '', '{', '{}', '[]', '"x"', 'null']) expect(taken(nonsense)).toBeNull()
  })
})

describe('two savers', () => {
  it('both keep what they changed', () => {
    const mine = put(CONTENT, PRICE, 5800)
    const theirs = put(CONTENT, ['prices', 'child_cents'], 3500)
    expect(onTop(CONTENT, mine, theirs)).toEqual({ ...CONTENT, prices: { adult_cents: 5800, child_cents: 3500 } })
  })
  it('of the same value, one’s own stands; what somebody added or took stays so', () => {
    const base: Content = { a: 1, b: 2 }
    expect(onTop(base, { a: 5, b: 2 }, { a: 6, b: 2, c: 3 })).toEqual({ a: 5, b: 2, c: 3 })
    expect(onTop(base, { a: 1 }, { a: 4, b: 2 })).toEqual({ a: 4 })
  })
  it('know the same from another', () => {
    expect(same(CONTENT, put(CONTENT, PRICE, 5500))).toBe(true)
    expect(same(CONTENT, put(CONTENT, PRICE, 5501))).toBe(false)
    expect(same([1], [1, 2])).toBe(false)
  })
})

describe('hours', () => {
  const lines: Line[] = [
    { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from_time: '12:00:00', to_time: '21:00:00' },
    { days: ['mon'], from_time: '08:00:00', to_time: '10:00:00' },
  ]
  it('are lines again after a week', () => {
    const week = weekOf(lines)
    expect(week.mon).toEqual([
      { from_time: '08:00:00', to_time: '10:00:00' },
      { from_time: '12:00:00', to_time: '21:00:00' },
    ])
    expect(week.sun).toEqual([])
    expect(weekOf(linesOf(week))).toEqual(week)
    expect(saidOf(lines)).toBe('Mon 8 AM to 10 AM and 12 PM to 9 PM, Tue to Fri 12 PM to 9 PM, Sat to Sun closed')
    expect(saidOf([])).toBe('closed')
  })
  it('say what is wrong', () => {
    expect(faultOf(weekOf(lines).mon)).toBeNull()
    expect(faultOf([{ from_time: '12:00:00', to_time: '11:00:00' }])).toContain('ends before it begins')
    expect(faultOf([{ from_time: '12:00:00', to_time: '' }])).toContain('missing')
    const twice = { from_time: '12:00:00', to_time: '21:00:00' }
    expect(faultOf([twice, twice])).toContain('overlap')
  })
})

describe('a change', () => {
  it('is told in words', () => {
    const told = sentence({ path: 'prices.adult_cents', before: 5500, after: 5800 })
    expect(told).toEqual({ what: 'Prices and minimums: Per adult', before: '$55', after: '$58' })
    expect(label('menu.upgrades.lobster_tail.price_cents')).toBe('Upgrades: Lobster tail: Price')
    expect(label('tone.emoji_at_most')).toBe('Tone: Emoji at most')
    expect(label('people.special_days.2026-12-25')).toBe('Special days: 2026-12-25')
  })
  it('shows values as people read them', () => {
    expect(shown('prices.tax_enabled', true)).toBe('yes')
    expect(shown('menu.upgrades.eel', { key: 'eel', en: 'eel', price_cents: 700 })).toBe('eel ($7)')
    expect(shown('menu.upgrades.eel', undefined)).toBe('nothing')
    expect(shown('people.special_days.2026-12-25', { date: '2026-12-25' })).toBe('2026-12-25 closed')
    expect(shown('people.hours', [{ days: ['mon'], from_time: '12:00:00', to_time: '13:00:00' }])).toContain(
      'Mon 12 PM',
    )
    expect(shown('tone.rules', ['warm', 'short'])).toBe('warm, short')
  })
})
