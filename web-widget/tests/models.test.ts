import { describe, expect, it } from 'vitest'
import { begin, taken } from '../src/console/settings/models/draft'
import { hedgesWon, line, slots, stateOf, type Vitals } from '../src/console/settings/models/health'
import {
  asDefault,
  combined,
  DEFAULT,
  differences,
  exceptions,
  impassable,
  isSame,
  move,
  names,
  type Policy,
  promptOf,
  resolved,
  shadowWords,
  tidy,
  wayWords,
  withPrompt,
  withWay,
} from '../src/console/settings/models/policy'

const KNOWN = ['a', 'b', 'c']
const PRICING = { kind: 'agents', name: 'pricing' } as const
const policy = (more: Partial<Policy> = {}): Policy => ({
  answer: ['a', 'b', 'house'],
  strategy: 'fallback',
  student: null,
  critic: null,
  hedge_after_ms: null,
  stakes: {},
  agents: {},
  prompts: {},
  budget: { visitor_day_cents: 100, conversation_cents: 200, site_day_cents: null, day_cents: 2000 },
  shadows: [],
  ...more,
})
const shadow = { model: 'c', sample: 0.25, day_cents: 200, concurrency: 2, agents: [], critic: null, critic_sample: 1 }
const vitals = (more: Partial<Vitals> = {}): Vitals => ({
  model: 'a',
  calls: 3,
  failed: 0,
  last_hour: {},
  last_day: {},
  spent_microdollars: 0,
  hedges: { first: 0, first_won: 0, second: 0, second_won: 0 },
  errors: [],
  hours: [],
  ...more,
})

describe('a way in words', () => {
  it.each<[Partial<Policy>, string]>([
    [{}, 'fallback: a, then b, then the house'],
    [{ answer: [] }, 'fallback: a, then b, then c, then the house'],
    [{ answer: ['house'] }, 'the house alone'],
    [{ strategy: 'hedge' }, 'hedge of a and b after its usual time, then the house'],
    [{ strategy: 'hedge', hedge_after_ms: 400 }, 'hedge of a and b after 400 ms, then the house'],
    [{ strategy: 'hedge', answer: ['a', 'house'] }, 'fallback: a, then the house'],
    [{ strategy: 'consensus' }, 'consensus of a and nobody, the better grounded answer'],
    [{ strategy: 'consensus', student: 'c', critic: 'b' }, 'consensus of a and c, judged by b'],
  ])('%j is %s', (more, words) => {
    expect(wayWords(policy(more), DEFAULT, KNOWN)).toBe(words)
  })

  it.each<[Partial<Policy>, RegExp | null]>([
    [{ strategy: 'hedge', answer: ['a', 'house'] }, /needs two models/],
    [{ strategy: 'consensus', answer: ['house'] }, /needs a model that answers first/],
    [{ strategy: 'consensus' }, /choose a student/],
    [{ strategy: 'consensus', student: 'a' }, /a is the first model, too/],
    [{ strategy: 'consensus', student: 'b' }, null],
    [{ strategy: 'hedge' }, null],
  ])('%j can be gone, or is said why not', (more, why) => {
    const said = impassable(policy(more), DEFAULT, KNOWN)
    if (why) expect(said).toMatch(why)
    else expect(said).toBeNull()
  })

  it('is that of all turns where an exception says nothing else', () => {
    const own = withWay(policy({ strategy: 'hedge', hedge_after_ms: 300 }), PRICING, {
      ...asDefault(),
      models: ['c', 'b'],
    })
    expect(resolved(own, PRICING, KNOWN)).toMatchObject({ strategy: 'hedge', models: ['c', 'b'], hedge_after_ms: 300 })
  })
})

describe('what saving changes', () => {
  it('is told for each way, budget and shadow, and for nothing that stays', () => {
    const after = withWay(policy({ shadows: [shadow] }), PRICING, {
      ...asDefault(),
      strategy: 'consensus',
      student: 'b',
      critic: 'c',
    })
    after.budget = { ...after.budget, site_day_cents: 0, day_cents: null }
    expect(differences(policy(), after, KNOWN)).toEqual([
      { what: 'Pricing', before: 'as all turns', after: 'consensus of a and b, judged by c' },
      { what: 'One site in a day', before: 'no limit', after: 'nothing' },
      { what: 'Everything in a day', before: '$20', after: 'no limit' },
      { what: 'Shadow c', before: 'none', after: '25 % of the turns, $2 a day, 2 at once' },
    ])
    expect(differences(after, structuredClone(after), KNOWN)).toEqual([])
  })

  it('is told of an exception that only says what all turns do', () => {
    expect(differences(policy(), withWay(policy(), PRICING, asDefault()), KNOWN)).toHaveLength(1)
    expect(differences(withWay(policy(), PRICING, asDefault()), policy(), KNOWN)[0]?.after).toBe('as all turns')
  })

  it('stands on what somebody faster saved; of one thing that both changed, mine does', () => {
    const mine = { ...policy({ shadows: [shadow], critic: 'b' }), hedge_after_ms: 50 }
    const theirs = policy({ critic: 'c', strategy: 'hedge', shadows: [{ ...shadow, model: 'b' }] })
    const both = combined(policy(), mine, theirs)
    expect(both).toMatchObject({ critic: 'b', strategy: 'hedge', hedge_after_ms: 50 })
    expect(both.shadows.map(one => one.model).sort()).toEqual(['b', 'c'])
  })
})

describe('versions of instructions', () => {
  it('are told where they change, the usual one unsaid', () => {
    const short = withPrompt(policy(), 'pricing', 'short')
    expect(short.prompts).toEqual({ pricing: 'short' })
    expect(withPrompt(short, 'pricing', 'usual').prompts).toEqual({})
    expect(differences(policy(), short, KNOWN)).toEqual([
      { what: 'Instructions: Pricing', before: 'usual', after: 'short' },
    ])
    expect(promptOf(short, 'booking')).toBe('usual')
  })

  it('of a policy that was saved before there were any are the usual ones', () => {
    const { prompts: _, ...old } = policy()
    expect(tidy(old as Policy).prompts).toEqual({})
    expect(differences(old as Policy, withPrompt(policy(), 'conversational', 'short'), KNOWN)[0]?.what).toBe(
      'Instructions: What holds for all',
    )
  })
})

describe('a policy', () => {
  it('says the same with the house at the end and without', () => {
    expect(isSame(tidy(policy({ answer: ['a', 'b'] })), tidy(policy()))).toBe(true)
    expect(tidy(policy({ answer: [] })).answer).toEqual([])
    expect(tidy(policy({ answer: ['house'] })).answer).toEqual(['house'])
  })
  it('keeps agents that exist no more, so that they can be taken away', () => {
    const own = withWay(policy(), { kind: 'agents', name: 'poet' }, asDefault())
    expect(exceptions(own, ['pricing']).own).toEqual([{ kind: 'agents', name: 'poet' }])
    expect(exceptions(own, ['pricing']).free).toHaveLength(3)
    expect(withWay(own, { kind: 'agents', name: 'poet' }, null)).toEqual(policy())
  })
  it('names whom it asks in any role', () => {
    expect(names(policy(), 'c')).toBe(false)
    expect(names(policy({ answer: [] }), 'c')).toBe(true)
    expect(names(policy({ critic: 'c' }), 'c')).toBe(true)
    expect(names(policy({ shadows: [shadow] }), 'c')).toBe(true)
  })
  it('is moved within its ends', () => {
    expect(move(KNOWN, 0, 1)).toEqual(['b', 'a', 'c'])
    expect(move(KNOWN, 2, -4)).toEqual(['c', 'a', 'b'])
    expect(move(KNOWN, 9, 0)).toEqual(KNOWN)
  })
  it('tells whose turns a shadow answers, and who judges', () => {
    expect(shadowWords({ ...shadow, sample: 1, agents: ['pricing', 'admin'], critic: 'a', critic_sample: 0.5 })).toBe(
      '100 % of the turns of Pricing, Staff’s assistant, $2 a day, 2 at once, 50 % judged by a',
    )
  })
})

describe('a draft', () => {
  it('is kept as it is, and what is none is dropped', () => {
    const draft = begin({ number: 3, policy: policy() })
    expect(taken(JSON.stringify(draft))).toEqual(draft)
    for (const words of [null, '', '{', 'null', '[]', '{"basedOn":3}', JSON.stringify({ ...draft, policy: {} })])
      expect(taken(words)).toBeNull()
  })
})

describe('how a model stands', () => {
  const key = (state: 'set' | 'missing') => ({ name: 'a', litellm: 'openai/a', provider: 'openai', key: state })
  it.each<[string, Partial<Vitals>, 'set' | 'missing', boolean, string]>([
    ['bad', { breaker: 'open', open_for_s: 3 }, 'missing', true, 'Its key is not set on the server'],
    ['bad', { breaker: 'open', open_for_s: 3.2, ok: false }, 'set', true, 'Failed too often: not asked for 3 s more'],
    ['warn', { breaker: 'half_open', ok: false }, 'set', true, 'Failed too often: the next turn tries it again'],
    ['bad', { ok: false, why: 'timeout' }, 'set', true, 'Fails: too slow'],
    ['soft', { ok: true }, 'set', false, 'Nobody asks it by this policy'],
    ['soft', {}, 'set', true, 'Was not asked within a day'],
    ['good', { ok: true, breaker: 'closed' }, 'set', true, 'Answers'],
  ])('%s: %j, key %s, asked %s: %s', (tone, more, state, asked, words) => {
    expect(stateOf(vitals(more), key(state), asked)).toEqual({ tone, words })
  })
  it('the house is always here', () => {
    expect(stateOf(vitals({ model: 'house' }), undefined, false).tone).toBe('good')
  })
  it('says how many hedges it won', () => {
    expect(hedgesWon({ first: 2, first_won: 1, second: 3, second_won: 2 })).toBe('3 of 5')
    expect(hedgesWon({ first: 0, first_won: 0, second: 0, second_won: 0 })).toBeNull()
  })
  it('is plotted by the hour, with gaps where nobody called', () => {
    const at = '2026-11-28T12:30:00Z'
    const hour = (when: string) => ({ at: when, calls: 1, first_token_ms: { p50: 100 } })
    const day = slots([hour('2026-11-27T12:30:00Z'), hour('2026-11-28T11:30:00Z'), hour('2026-11-20T00:00:00Z')], at)
    expect(day.map(one => one !== undefined)).toEqual(Array.from({ length: 24 }, (_, n) => n === 0 || n === 23))
    expect(line([undefined, 50, 100, undefined], 100, 40, 10)).toBe('M15.0 5.0L25.0 0.0')
    expect(line([undefined, 50, undefined], 100, 30, 10)).toBe('M11.7 5.0L18.3 5.0')
    expect(line([], 0, 30, 10)).toBe('')
  })
})
