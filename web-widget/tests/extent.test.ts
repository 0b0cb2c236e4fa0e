import { describe, expect, it } from 'vitest'
import { type Block, Extent } from '../src/console/extent'

const block = (number: number, lines = 10): Block => ({ number, lines: Array(lines).fill(null) })
const blocks = (count: number) => Array.from({ length: count }, (_, i) => block(i))

describe('the extent of a thread', () => {
  it('guesses what was never seen from what was, line by line', () => {
    const extent = new Extent()
    extent.learn(block(0), 500)
    extent.learn(block(1), 300)
    expect(extent.of(block(2))).toBe(400)
    expect(extent.of(block(3, 5))).toBe(200)
    expect(extent.sum(blocks(4))).toBe(500 + 300 + 400 + 400)
  })

  it('takes the newest height of a block, not the sum of all that it had', () => {
    const extent = new Extent()
    extent.learn(block(0), 100)
    extent.learn(block(0), 200)
    expect(extent.of(block(0))).toBe(200)
    expect(extent.of(block(1))).toBe(200)
  })

  it('guesses anew where a block has other lines than when it was seen', () => {
    const extent = new Extent()
    extent.learn(block(0), 100)
    expect(extent.of(block(0, 20))).toBe(200)
  })

  it('knows no height any more at another width, but what a line is like', () => {
    const extent = new Extent()
    extent.learn(block(0), 900)
    extent.learn(block(1), 100)
    extent.forget()
    expect(extent.of(block(0))).toBe(500)
    extent.learn(block(0), 1100)
    expect(extent.of(block(0))).toBe(1100)
    expect(extent.of(block(1))).toBeCloseTo(((1100 + 50) / 11) * 10)
  })

  it('names the blocks between two heights, the ones that are cut too, and always one', () => {
    const extent = new Extent()
    for (const b of blocks(10)) extent.learn(b, 100)
    expect(extent.between(blocks(10), 250, 420)).toEqual([2, 5])
    expect(extent.between(blocks(10), 300, 400)).toEqual([3, 4])
    expect(extent.between(blocks(10), -900, -400)).toEqual([0, 1])
    expect(extent.between(blocks(10), 5000, 6000)).toEqual([9, 10])
  })
})
