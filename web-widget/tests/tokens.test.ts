import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { contrast, lightened, readableOn, THEMED, themeRules } from '../src/widget/theme'

const css = readFileSync(new URL('../src/design/tokens.css', import.meta.url), 'utf8')
const dark = css.indexOf('prefers-color-scheme: dark')
const read = (block: string) =>
  Object.fromEntries([...block.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6})/gi)].map(m => [m[1], m[2]]))
const SCHEMES = { light: read(css.slice(0, dark)), dark: read(css.slice(dark)) }

const TEXT = ['--ink', '--ink-soft', '--ink-faint', '--ember', '--person', '--assistant', '--good', '--warn', '--bad']
const SURFACES = ['--surface', '--surface-sunk', '--surface-raised']
const PAIRS: [string, string][] = [
  ...TEXT.flatMap(text => SURFACES.map(surface => [text, surface] as [string, string])),
  ['--on-ember', '--ember'],
  ['--on-person', '--person'],
  ['--note', '--note-surface'],
  ['--note-surface', '--note'],
  ['--surface', '--ink'],
  ['--surface', '--ink-soft'],
  ...['--ink', '--ink-soft', '--ink-faint', '--person'].map(t => [t, '--person-soft'] as [string, string]),
  ...['--ink', '--ink-soft', '--ink-faint', '--assistant'].map(t => [t, '--assistant-soft'] as [string, string]),
  ...['--ink', '--ink-soft'].map(t => [t, '--ember-soft'] as [string, string]),
]
/** Borders of inputs and buttons: 3:1 by WCAG 1.4.11. */
const EDGES: [string, string][] = SURFACES.map(surface => ['--line-strong', surface])

describe.each(Object.entries(SCHEMES))('the %s tokens', (_name, tokens) => {
  const value = (token: string) => tokens[token] ?? ''
  it.each(PAIRS)('%s on %s can be read (4.5:1)', (text, surface) => {
    expect(value(text)).not.toBe('')
    expect(contrast(value(text), value(surface))).toBeGreaterThanOrEqual(4.5)
  })
  it.each(EDGES)('%s on %s can be seen (3:1)', (edge, surface) => {
    expect(contrast(value(edge), value(surface))).toBeGreaterThanOrEqual(3)
  })
})

describe('a site’s own accent', () => {
  it.each(['#c2410c', '#fb923c', '#0000ff', '#ffff00', '#777777', '#fff', '#000'])(
    '%s gets text that can be read',
    accent => {
      expect(contrast(readableOn(accent), accent)).toBeGreaterThanOrEqual(4.5)
    },
  )
  it.each(['#c2410c', '#000080', '#333', '#ffcc00'])('%s is light enough in the dark', accent => {
    expect(contrast(lightened(accent), '#16181b')).toBeGreaterThanOrEqual(4.5)
  })
  it('takes known properties with plain colours and nothing else', () => {
    const rules = themeRules({ '--ember': '#123456', '--person': 'red;}*{display:none', '--x': '#fff', color: '#fff' })
    expect(rules).toContain('--ember:#123456;')
    expect(rules).not.toMatch(/display|--x|[^-]color:/)
    expect(themeRules({})).toBe('')
    expect(themeRules(THEMED)).toBe('')
    expect(SCHEMES.light).toMatchObject(THEMED)
  })
})
