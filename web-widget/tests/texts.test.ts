import { describe, expect, it } from 'vitest'
import {
  lookOf,
  mayRetry,
  priceOf,
  purposeOf,
  STATES,
  sizeOf,
  stateOf,
  wordsOf,
} from '../src/console/settings/texts/texts'

describe('a text message in words', () => {
  it('has a name and a look for every state, and never by colour alone', () => {
    for (const [state, name] of STATES) {
      expect(stateOf(state)).toBe(name)
      expect(['good', 'warn', 'bad', 'plain']).toContain(lookOf(state))
    }
  })
  it('is sent again by a person where that makes sense', () => {
    const retried = (purpose: 'reply' | 'code') =>
      STATES.map(([state]) => state).filter(state => mayRetry({ state, purpose }))
    expect(retried('reply')).toEqual(['unknown', 'failed', 'held', 'cancelled'])
    expect(retried('code')).toEqual([])
  })
  it('shows no code, and names what has no words', () => {
    expect(wordsOf({ files: 0 })).toBe('A code, which is not shown')
    expect(wordsOf({ text: ' ', files: 1 })).toBe('1 file')
    expect(wordsOf({ text: 'Hi', files: 2 })).toBe('Hi')
    expect(purposeOf('code')).toBe('Code that proves a number')
  })
  it.each([
    [8500, '$0.0085'],
    [17_000, '$0.017'],
    [20_000, '$0.02'],
    [12_340_000, '$12.34'],
  ])('%s microdollars', (cost, words) => {
    expect(priceOf(cost)).toBe(words)
  })
  it('has a size, and a price once it has gone', () => {
    expect(sizeOf({ segments: 1, cost_microdollars: 0 })).toBe('1 segment')
    expect(sizeOf({ segments: 2, cost_microdollars: 17_000 })).toBe('2 segments, $0.017')
  })
})
