import { describe, expect, it } from 'vitest'
import { type Canned, meant, slash } from '../src/protocol/canned'
import { asNumber, found, fuzzy } from '../src/text/fuzzy'

describe('finding by a few letters', () => {
  it('wants every letter, in order', () => {
    expect(fuzzy('tkr', 'Take over')).not.toBeNull()
    expect(fuzzy('rkt', 'Take over')).toBeNull()
  })
  it('puts starts of words before letters in their middle, and minds neither case nor accents', () => {
    expect(found('as', ['Was it safe', 'Assign to me'], s => s)[0]).toBe('Assign to me')
    expect(found('mun', ['José Muñoz'], s => s)).toHaveLength(1)
  })
  it('finds a number however it is written, and leaves words as they are', () => {
    const label = '(510) 555-0142 · A party of 12'
    for (const typed of ['+1 510 555 0142', '15105550142', '510-555-0142', '(510) 555', '555.0142', '0142'])
      expect(
        found(asNumber(typed), [label], s => s),
        typed,
      ).toEqual([label])
    expect(['take over', '555', 'room 1200', '+'].map(asNumber)).toEqual(['take over', '555', 'room 1200', '+'])
  })
  it('keeps everything, in order, where nothing is asked', () => {
    expect(found(' ', ['b', 'a'], s => s)).toEqual(['b', 'a'])
  })
})

describe('saved replies', () => {
  const reply = (shortcut: string, title: string): Canned => ({ id: shortcut, shortcut, title, text: '', locale: null })
  const all = [reply('thanks', 'Say thanks'), reply('deposit', 'How the deposit works'), reply('hi', 'Hello')]
  it('are asked for by a slash that begins the field', () => {
    expect(slash('/dep')).toBe('dep')
    expect(slash('/')).toBe('')
    expect(slash('and/or')).toBeNull()
    expect(slash('/dep now')).toBeNull()
  })
  it('come by their shortcut first', () => {
    expect(meant(all, 'h').map(c => c.shortcut)[0]).toBe('hi')
    expect(meant(all, '')).toHaveLength(3)
    expect(meant(all, 'zzz')).toEqual([])
  })
})
