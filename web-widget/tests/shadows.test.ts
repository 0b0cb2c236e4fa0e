import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { nextPage, PAGES, pagesFor } from '../src/console/settings/registry'
import { Answer } from '../src/console/settings/shadows/Answer'
import { differences, type Stretch } from '../src/console/settings/shadows/diff'
import { callOf, factsOf, verdicts } from '../src/console/settings/shadows/facts'
import { marked, meant, neighbour, nextUnjudged, placeOf } from '../src/console/settings/shadows/judging'
import { line, Plot } from '../src/console/settings/shadows/Plots'
import {
  type AllFigures,
  candidatesOf,
  daysOf,
  FIRST,
  figuresQuestion,
  type Line,
  listQuestion,
  type Pair,
  votes,
  without,
} from '../src/console/settings/shadows/shadows'

const whole = (stretches: readonly Stretch[]) => stretches.map(one => one.text).join('')
const only = (stretches: readonly Stretch[]) => stretches.filter(one => one.only).map(one => one.text.trim())

describe('differences of two texts', () => {
  it('lose no character of either', () => {
    const texts = [
      '',
      ' ',
      'One',
      '  Two\n\nthree, four.  ',
      'Four three\ttwo',
      'Für 12 Gäste: 690 $ 🍤',
      'a b a b a c a b',
    ]
    for (const left of texts)
      for (const right of texts) {
        const [a, b] = differences(left, right)
        expect([whole(a), whole(b)]).toEqual([left, right])
      }
  })

  it('are none where only space and commas differ', () => {
    expect(differences('For 12 guests, it is $690.', 'For 12  guests it is\n$690').flatMap(only)).toEqual([])
  })

  it('are the words that only one has', () => {
    const [left, right] = differences(
      'For 12 guests it is $690 with travel.',
      'For 12 guests that comes to $700 with travel.',
    )
    expect([only(left), only(right)]).toEqual([['it is $690'], ['that comes to $700']])
  })

  it('are everything where one is empty, or nothing is shared', () => {
    expect(differences('', 'Hello there').map(only)).toEqual([[], ['Hello there']])
    expect(differences('Yes', 'No').map(only)).toEqual([['Yes'], ['No']])
  })

  it('keep the longest common sequence', () => {
    const [left, right] = differences('a b c d e f', 'x b d y f z')
    expect(left.filter(one => !one.only).map(one => one.text.trim())).toEqual(['b', 'd', 'f'])
    expect(only(right)).toEqual(['x', 'y', 'z'])
  })

  it('of texts beyond measure come at once', () => {
    const long = (letter: string) => `same ${`${letter} `.repeat(20_000)}end`
    const [left] = differences(long('a'), long('b'))
    expect(only(left)[0]?.length).toBe(39_999)
  })
})

const agreement = {
  amounts: { agrees: false, only_primary: ['$690'], only_candidate: ['$700', '$30'] },
  dates: { agrees: false, only_primary: ['2026-12-05'], only_candidate: [] },
  tools: { agrees: false, only_primary: ['quote {"adults":12}'], only_candidate: [] },
  handoff: { agrees: false, only_primary: [], only_candidate: ['a person was called'] },
}

describe('facts that only one side has', () => {
  it('are labels with what they are', () => {
    const told = (side: 'primary' | 'candidate') => factsOf(agreement, side).map(one => `${one.name} ${one.text}`)
    expect(told('primary')).toEqual(['Amount $690', 'Date Sat, Dec 5, 2026', 'Tool quote {"adults":12}'])
    expect(told('candidate')).toEqual(['Amount $700', 'Amount $30', 'Handoff a person was called'])
  })

  it('are none of what nobody compared, or of a shape that is not known', () => {
    for (const strange of [
      {},
      { amounts: null },
      { amounts: 7, dates: [] },
      { tools: { agrees: 'yes', only_primary: 'x' } },
    ])
      expect([factsOf(strange, 'primary'), verdicts(strange)]).toEqual([[], []])
    expect(verdicts(agreement).map(one => one.agrees)).toEqual([false, false, false, false])
  })

  it('show a call in a line', () => {
    expect(callOf('quote', { guests: 12, date: null, where: 'San Jose' })).toBe('quote(guests: 12, where: San Jose)')
    expect([callOf('menu', null), callOf(undefined, 7)]).toEqual(['menu()', '(7)'])
  })
})

const pair = (id: string, more: Partial<Line> = {}): Line => ({
  id,
  candidate: 'student',
  primary_model: 'teacher',
  run: 'live',
  agent: 'pricing',
  intent: 'quote',
  state: 'done',
  question: 'How much?',
  created_at: '2026-11-28T12:00:00Z',
  ...more,
})

describe('going through pairs', () => {
  const items = [
    pair('a'),
    pair('b', { preference: 'tie' }),
    pair('c', { state: 'failed' }),
    pair('d', { question: undefined }),
    pair('e'),
  ]

  it('goes to the next that can be judged, and round to those before', () => {
    expect(nextUnjudged(items, 'a')).toBe('e')
    expect(nextUnjudged(items, 'e')).toBe('a')
    expect(nextUnjudged(items, null)).toBe('a')
    expect(nextUnjudged(marked(items, 'e', 'primary'), 'a')).toBeNull()
    expect(nextUnjudged([], 'a')).toBeNull()
  })

  it('takes a judgement back', () => {
    expect(nextUnjudged(marked(items, 'b', null), 'a')).toBe('b')
  })

  it('steps over every pair and stops at the ends', () => {
    expect([neighbour(items, 'a', 1), neighbour(items, 'a', -1), neighbour(items, 'e', 1)]).toEqual(['b', null, null])
    expect([neighbour(items, 'elsewhere', 1), neighbour([], null, 1)]).toEqual(['a', null])
  })

  it('means the side that is looked at', () => {
    expect([meant('1', 'right'), meant('2', 'right'), meant('0', 'right')]).toEqual(['primary', 'candidate', 'tie'])
    expect([meant('1', 'left'), meant('2', 'left')]).toEqual(['candidate', 'primary'])
  })

  it('shuffles sides when blind, the same for a pair whenever one looks', () => {
    const ids = Array.from({ length: 200 }, () => crypto.randomUUID())
    const left = ids.filter(id => placeOf(id, true) === 'left').length
    expect(left).toBeGreaterThan(60)
    expect(left).toBeLessThan(140)
    for (const id of ids) expect([placeOf(id, true), placeOf(id, false)]).toEqual([placeOf(id, true), 'right'])
  })
})

describe('an answer', () => {
  const asked: Pair = {
    ...pair('a'),
    conversation: 'c',
    agreement,
    primary: {
      model: 'teacher',
      text: 'It is $690.',
      calls: [{ name: 'quote', arguments: { guests: 12 }, data: { total: 690 } }],
    },
    shadow: { model: 'student', text: 'It is $700.', calls: [{ name: 'menu', arguments: null, recorded: false }] },
  }
  const drawn = (more: Partial<Pair>, of: 'primary' | 'candidate', blind = false) => {
    const shown = { ...asked, ...more }
    const [left, right] = differences(shown.primary.text ?? '', shown.shadow.text ?? '')
    const stretches = of === 'primary' ? left : right
    return renderToStaticMarkup(createElement(Answer, { pair: shown, of, stretches, blind, letter: 'A' }))
  }

  it('has its own words marked and its own facts labelled', () => {
    const html = drawn({}, 'candidate')
    expect(html).toContain('It is </span><mark>$700.</mark>')
    expect(html).toContain('Amount</span> $700')
    expect(html).toContain('no result was recorded')
    expect(drawn({}, 'primary')).toContain('quote(guests: 12)')
  })

  it('says nothing of who gave it while one is blind', () => {
    const html = drawn({}, 'candidate', true)
    expect(html).toContain('Answer A')
    expect(html).not.toMatch(/student|candidate/i)
  })

  it('says why there is none', () => {
    expect(drawn({ state: 'failed', error: 'first_token_timeout' }, 'candidate')).toContain('first token timeout')
    expect(drawn({ primary: { model: 'teacher', calls: [] } }, 'primary')).toContain('not kept any more')
    expect(drawn({ shadow: { model: 'student', text: '', calls: [] } }, 'candidate')).toContain('No words.')
  })

  it('draws what a customer wrote as text', () => {
    expect(
      drawn({ shadow: { model: 's', text: '<img src=x onerror=alert(1)>', calls: [] } }, 'candidate'),
    ).not.toContain('<img')
  })
})

describe('a plot', () => {
  it('lifts its pen where a day has no value', () => {
    expect(line([1, 2, undefined, 0], 2)).toBe('M60 48 L180 0 M420 96')
    expect(line([undefined, undefined], 1)).toBe('')
    expect(line([0], 0)).toBe('M240 96')
  })

  it('has its numbers in a table, without the days that have none', () => {
    const days = daysOf('2026-11-27', 3)
    const series = [{ name: 'Mean', look: 'all' as const, values: [0.5, undefined, 0.75] }]
    const html = renderToStaticMarkup(createElement(Plot, { title: 'Similarity', days, series, say: String, most: 1 }))
    expect(html).toContain('Nov 27</th><td>0.5</td>')
    expect(html).not.toContain('Nov 28</th>')
  })
})

describe('figures in words', () => {
  it('says counts', () => {
    expect(votes({ primary: 0, candidate: 0, tie: 0 })).toBe('–')
    expect(votes({ primary: 1, candidate: 4, tie: 2 })).toBe('candidate 4 · equal 2 · customer 1')
    expect(without({ waiting: 0, failed: 2, skipped: 1 })).toBe('2 failed, 1 skipped')
  })

  it('knows candidates with and without pairs', () => {
    const all = { configured: ['b', 'new'], candidates: [{ candidate: 'gone' }, { candidate: 'b' }] } as AllFigures
    expect(candidatesOf(all)).toEqual(['b', 'gone', 'new'])
  })

  it('has each day once, over the change of clocks as well', () => {
    expect(daysOf('2026-10-31', 3)).toEqual(['2026-10-31', '2026-11-01', '2026-11-02'])
  })

  it('asks for what was chosen alone', () => {
    expect(listQuestion({ ...FIRST, candidate: 'gpt 4.1', agrees: 'false' }, 'x')).toBe(
      'shadows?candidate=gpt+4.1&run=live&state=done&agrees=false&cursor=x',
    )
    expect(figuresQuestion(FIRST)).toBe('shadows/figures?run=live&days=30')
  })
})

it('is a page for owners and admins alone', () => {
  expect(pagesFor('agent').some(page => page.id === 'shadows')).toBe(false)
  expect(pagesFor('admin').some(page => page.id === 'shadows')).toBe(true)
  expect(nextPage('owner', 'shadows', 1)).not.toBeNull()
  expect(PAGES.filter(page => page.keeps).map(page => page.id)).toContain('shadows')
})
