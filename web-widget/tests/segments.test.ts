import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cheapest, costly, measure, plain } from '../src/text/segments'

interface Case {
  name: string
  text: string
  encoding: 'gsm7' | 'ucs2'
  segments: number
  /** As it goes out; absent where that is about more than characters. */
  plain?: string
}

/** Written from the Python twin (tests/sms/test_segment_cases.py), which also holds it to this file. */
const CASES: Case[] = JSON.parse(readFileSync(new URL('segments.json', import.meta.url), 'utf-8'))

describe('segments', () => {
  it.each(CASES.map(one => [one.name, one] as const))('%s', (_, one) => {
    const found = measure(one.text)
    expect([found.encoding, found.segments]).toEqual([one.encoding, one.segments])
    if (one.plain !== undefined) expect(plain(one.text)).toBe(one.plain)
  })
  it('says what is left of the last one', () => {
    expect(measure('')).toMatchObject({ units: 0, left: 160, segments: 1 })
    expect(measure('a'.repeat(160))).toMatchObject({ left: 0, segments: 1 })
    expect(measure('a'.repeat(161))).toMatchObject({ left: 145, segments: 2 })
    expect(measure('€'.repeat(80))).toMatchObject({ left: 0, units: 160, segments: 1 })
    expect(measure('á'.repeat(71))).toMatchObject({ left: 63, segments: 2 })
  })
  it('never cuts a character at the end of a part', () => {
    // 152 places, then one that takes two: it moves to the next part whole.
    expect(measure(`${'a'.repeat(152)}€${'a'.repeat(10)}`)).toMatchObject({ segments: 2, left: 153 - 12 })
    expect(measure(`á${'b'.repeat(65)}👍${'b'.repeat(10)}`)).toMatchObject({ segments: 2, left: 67 - 12 })
  })
})

describe('what makes a text dear', () => {
  it('names each character once', () => {
    expect(costly('“Hola” señor á á 👍')).toEqual(['“', '”', 'á', '👍'])
    expect(costly('Plain, €5, ñ and é')).toEqual([])
  })
  it('goes away where no letter stands for it', () => {
    expect(cheapest('“Hi” – it’s… sábado 👍 now')).toBe('"Hi" - it\'s... sabado now')
    expect(cheapest('Ven 👍\nya 👨‍👩‍👧')).toBe('Ven\nya')
    expect(cheapest('niña é €')).toBe('niña é €')
  })
})
