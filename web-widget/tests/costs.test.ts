import { describe, expect, it } from 'vitest'
import { factOf } from '../src/console/settings/costs/conversation'
import {
  agentOf,
  type BudgetToday,
  bars,
  budgetOf,
  type Costs,
  daysOf,
  question,
  roleOf,
  shares,
  shownBudgets,
  stacks,
  stands,
  sum,
  usedUp,
} from '../src/console/settings/costs/costs'
import { pagesFor } from '../src/console/settings/registry'

const NOTHING = { calls: 0, tokens_in: 0, tokens_out: 0, microdollars: 0, unpriced: 0 }
const budget = (more: Partial<BudgetToday>): BudgetToday => ({
  scope: 'all',
  name: '',
  spent: 0,
  held: 0,
  limit: 20_000_000,
  ...more,
})
const costs = (more: Partial<Costs>): Costs => ({
  first: '2026-11-26',
  last: '2026-11-28',
  today: '2026-11-28',
  configured: true,
  refused: 0,
  total: NOTHING,
  days: [],
  models: [],
  agents: [],
  roles: [],
  conversations: [],
  budgets: [],
  ...more,
})
const model = (name: string, microdollars: number) => ({ ...NOTHING, name, microdollars, calls: 1 })

describe('money', () => {
  it('of a conversation is a line where there is any', () => {
    expect(factOf({ microdollars: 0, limit: 5 })).toEqual([])
    expect(factOf({ microdollars: 120_000, limit: 2_000_000 })).toEqual([['Models', '$0.12 of $2.00']])
    expect(factOf({ microdollars: 120_000 })).toEqual([['Models', '$0.12']])
  })
})

describe('a budget', () => {
  it('says how it stands', () => {
    expect(stands(budget({ spent: 3_200_000 }))).toBe('$3.20 of $20.00')
    expect(stands(budget({ spent: 3_200_000, limit: undefined }))).toBe('$3.20, no limit')
    expect([budget({}), budget({ scope: 'site', name: 'shop.example' })].map(budgetOf)).toEqual([
      'Everything',
      'Site shop.example',
    ])
  })

  it('is a bar that never runs over', () => {
    expect(shares(budget({ spent: 5_000_000, held: 1_000_000 }))).toEqual({ spent: 0.25, held: 0.05 })
    expect(shares(budget({ spent: 30_000_000, held: 1_000_000 }))).toEqual({ spent: 1, held: 0 })
    expect(shares(budget({ limit: 0 }))).toEqual({ spent: 1, held: 0 })
  })

  it('is used up where the next call may be refused', () => {
    const full = [budget({ spent: 19_700_000 }), budget({ limit: 0 }), budget({ spent: 19_000_000, held: 900_000 })]
    expect(full.map(usedUp)).toEqual([true, true, true])
    expect([budget({ spent: 19_000_000 }), budget({ spent: 9e9, limit: undefined })].map(usedUp)).toEqual([
      false,
      false,
    ])
  })

  it('without a limit or a cost is not shown', () => {
    expect(
      shownBudgets([budget({}), budget({ limit: undefined }), budget({ limit: undefined, spent: 1 })]),
    ).toHaveLength(2)
  })
})

describe('days', () => {
  it('are all of them, over the end of a month and of summer time', () => {
    expect(daysOf('2026-10-31', '2026-11-02')).toEqual(['2026-10-31', '2026-11-01', '2026-11-02'])
    expect(daysOf('2026-11-02', '2026-11-02')).toEqual(['2026-11-02'])
  })

  it("are asked for from the server's today", () => {
    expect(question(30, '2026-11-28')).toBe('costs')
    expect(question(7, undefined)).toBe('costs')
    expect(question(7, '2026-11-28')).toBe('costs?first=2026-11-22')
  })
})

describe('the plot', () => {
  it('has a piece for each model, the dearest first, and nothing for those that cost nothing', () => {
    const found = stacks(
      costs({
        models: [model('dear', 7), model('cheap', 2), model('house', 0)],
        days: [
          { day: '2026-11-26', model: 'dear', microdollars: 7, calls: 1 },
          { day: '2026-11-28', model: 'cheap', microdollars: 2, calls: 1 },
        ],
      }),
    )
    expect(found.names).toEqual(['dear', 'cheap'])
    expect(found.days.map(one => one.values)).toEqual([
      [7, 0],
      [0, 0],
      [0, 2],
    ])
  })

  it('puts those beyond its colours together', () => {
    const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name, n) => model(name, 100 - n))
    const days = many.map(one => ({ day: '2026-11-28', model: one.name, microdollars: one.microdollars, calls: 1 }))
    const found = stacks(costs({ models: many, days }))
    expect(found.names).toEqual(['a', 'b', 'c', 'd', 'Others'])
    expect(found.days.at(-1)?.values).toEqual([100, 99, 98, 97, 96 + 95 + 94])
    expect(sum(found.days.at(-1)?.values ?? [])).toBe(679)
  })

  it('stands one piece on the other', () => {
    const [low, none, high] = bars([30, 0, 60], 1, 3, 90, 300, 90)
    expect(none).toBeNull()
    expect(low).toMatchObject({ y: 60, height: 30 })
    expect(high).toMatchObject({ y: 0, height: 60 })
    expect(low?.x).toBeCloseTo(112)
    expect(bars([1, 1], 0, 1, 0, 300, 90)).toEqual([null, null])
  })
})

describe('words', () => {
  it('are said for roles and agents, known or not', () => {
    expect(['answer', 'shadow', 'second_look'].map(roleOf)).toEqual(['Replies to customers', 'Shadows', 'Second look'])
    expect(['', 'pricing'].map(agentOf)).toEqual(['No agent', 'Pricing'])
  })
})

describe('the page', () => {
  it('is for owners and admins', () => {
    const may = ['owner', 'admin', 'agent'].map(role => pagesFor(role).some(page => page.id === 'costs'))
    expect(may).toEqual([true, true, false])
  })
})
