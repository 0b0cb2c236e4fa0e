import { describe, expect, it } from 'vitest'
import { Markdown } from '../src/text/markdown'
import { HOSTILE, Tame } from './hostile'

/** A long text is split in steps: its middle says the same again and again. */
const BOUNDARIES = 400

function shown(...chunks: string[]): Tame {
  const root = new Tame('div')
  const writer = new Markdown(root as unknown as HTMLElement)
  let text = ''
  for (const chunk of chunks) {
    text += chunk
    writer.show(text, false)
  }
  writer.show(text, true)
  return root
}

describe('hostile texts', () => {
  it('are many', () => {
    expect(HOSTILE.length).toBeGreaterThanOrEqual(60)
  })

  it.each(HOSTILE)('$kind: $text', ({ text }) => {
    const whole = shown(text)
    const step = Math.max(1, Math.floor(text.length / BOUNDARIES))
    for (let i = 0; i <= text.length; i += step) {
      const root = shown(text.slice(0, i), text.slice(i))
      expect(root.shape, `split at ${i}`).toBe(whole.shape)
    }
    expect(shown(...text).shape, 'letter by letter').toBe(whole.shape)
    expect(whole.text).not.toMatch(/[\u200b\u2060\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/u)
    // A browser dies of a tree that is as deep as the text is long.
    expect(whole.depth).toBeLessThanOrEqual(20)
  })

  it('lose no words', () => {
    expect(shown('<script>alert(1)</script>').text).toBe('<script>alert(1)</script>')
    expect(shown('[a](javascript:alert(1)) b').text).toBe('a) b')
  })
})
