import { describe, expect, it } from 'vitest'
import { csv, leftOf, type Payment, sumOf, type WeekSum, weeksOf, whoseOf } from '../src/console/payments/payments'
import { hashOf, readRoute } from '../src/console/route'

const payment = (more: Partial<Payment> = {}): Payment => ({
  id: 'p',
  number: 7,
  method: 'venmo',
  purpose: 'deposit',
  amount_cents: 10_000,
  refunded_cents: 0,
  going_back_cents: 0,
  received_at: '2026-03-01T12:00:00Z',
  ...more,
})

describe('what can be given back', () => {
  it('is what came, less what went and what is on its way', () => {
    expect(leftOf(payment())).toBe(10_000)
    expect(leftOf(payment({ refunded_cents: 2_500, going_back_cents: 7_500 }))).toBe(0)
  })
})

describe('whose it is', () => {
  it.each([
    [undefined, 'Nobody knows whose this is'],
    [{ id: 'b', number: 12, conversation: 'c' }, 'Booking 12'],
    [{ id: 'b', number: 12, name: 'Ana Perez', conversation: 'c' }, 'Booking 12, Ana Perez'],
  ])('%j', (booking, words) => {
    expect(whoseOf(booking)).toBe(words)
  })
})

describe('weeks', () => {
  const wednesday = new Date(2026, 2, 18, 23, 30)
  const sum = (monday: string, cents: number, method: WeekSum['method'] = 'card') => ({ monday, method, cents })

  it('leave no gap between the first with money and this one', () => {
    const weeks = weeksOf([sum('2026-03-02', 5), sum('2026-03-02', 7, 'cash'), sum('2026-03-16', 1)], wednesday)
    expect(weeks.map(week => [week.monday, sumOf(week)])).toEqual([
      ['2026-03-02', 12],
      ['2026-03-09', 0],
      ['2026-03-16', 1],
    ])
  })

  it('are this one alone where nothing came', () => {
    expect(weeksOf([], wednesday).map(week => week.monday)).toEqual(['2026-03-16'])
  })

  it('go no further back than they are asked to', () => {
    expect(weeksOf([sum('2025-01-06', 5)], wednesday, 4)).toHaveLength(4)
  })

  it('begin on the Monday, on a Sunday too', () => {
    expect(weeksOf([], new Date(2026, 2, 22)).map(week => week.monday)).toEqual(['2026-03-16'])
  })
})

describe('the file', () => {
  it('has amounts in dollars, and nothing that a spreadsheet would run', () => {
    const rows = csv([payment({ note: '=1+1', payer: 'Ana "A", P', refunded_cents: 50 })]).split('\r\n')
    expect(rows[1]).toBe('7,2026-03-01T12:00:00Z,venmo,deposit,100.00,0.50,"Ana ""A"", P",\'=1+1,,')
  })
})

describe('its place', () => {
  it.each(['#/payments', '#/payments/notices', '#/payments/refunds', '#/payments/accounts'])('%s', hash => {
    expect(hashOf(readRoute(hash))).toBe(hash)
    expect(readRoute(hash).view).toBe('payments')
  })
})
