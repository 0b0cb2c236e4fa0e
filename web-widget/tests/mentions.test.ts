import { describe, expect, it } from 'vitest'
import { asked, chosen, meant, mentioned, pieces } from '../src/protocol/mentions'

const ANA = { id: 'a', name: 'Ana' }
const PEREZ = { id: 'p', name: 'Ana Perez' }
const KIM = { id: 'k', name: 'Kim (night)' }
const ALL = [ANA, PEREZ, KIM]

describe('mentions', () => {
  it('are asked for by an @ before the cursor, not by an address', () => {
    expect(asked('look @an', 8)).toBe('an')
    expect(asked('@', 1)).toBe('')
    expect(asked('ana@example.com', 15)).toBeNull()
    expect(asked('@ana is here', 12)).toBeNull()
    expect(asked('see @k and go', 6)).toBe('k')
  })

  it('are found by letters and put in where the cursor is', () => {
    expect(meant('pe', ALL)[0]).toBe(PEREZ)
    expect(chosen('see @k and go', 6, KIM)).toEqual({ text: 'see @Kim (night) and go', cursor: 17 })
    expect(chosen('@', 1, ANA)).toEqual({ text: '@Ana ', cursor: 5 })
  })

  it('are the longest name that fits, and whole words', () => {
    expect(pieces('@Ana Perez, ask @Ana', ALL)).toEqual([
      { text: '@Ana Perez', staff: 'p' },
      { text: ', ask ' },
      { text: '@Ana', staff: 'a' },
    ])
    expect(mentioned('@Anastasia and x@Ana', ALL)).toEqual([])
    expect(mentioned('@Kim (night)!', ALL)).toEqual(['k'])
    expect(pieces('nobody', [])).toEqual([{ text: 'nobody' }])
  })

  it('call everybody of a name', () => {
    expect(mentioned('@Ana', [ANA, { id: 'b', name: 'Ana' }])).toEqual(['a', 'b'])
  })
})
