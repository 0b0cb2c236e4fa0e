// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import { Markdown, safeHref } from '../src/text/markdown'
import { sentences } from '../src/text/sentences'

function render(chunks: string[]): HTMLElement {
  const root = document.createElement('div')
  const writer = new Markdown(root)
  let text = ''
  for (const chunk of chunks) {
    text += chunk
    writer.show(text, false)
  }
  writer.show(text, true)
  return root
}

const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](\u0001javascript:alert(1))',
  '[x](java\nscript:alert(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '[x](vbscript:msgbox(1))',
  '[x](//evil.example/a)',
  '[x](http://evil.example/a)',
  '![x](https://evil.example/a.png)',
  '![x](javascript:alert(1))',
  '<a href="javascript:alert(1)">x</a>',
  '[x](https://a.example/"onmouseover="alert(1))',
  '<https://a.example><svg onload=alert(1)>',
  '`<img src=x onerror=alert(1)>`',
  '```html\n<iframe src=javascript:alert(1)>\n```',
  '| <img src=x onerror=alert(1)> | b |\n|---|---|\n| [x](javascript:alert(1)) | d |\n',
  '- [ ] <input autofocus onfocus=alert(1)>',
  '$$<img src=x onerror=alert(1)>$$',
]
const ELEMENTS = new Set('P BR HR EM STRONG S CODE PRE A UL OL LI TABLE TR TH TD DIV SPAN BLOCKQUOTE'.split(' '))
const ATTRIBUTES = new Set(['class', 'href', 'target', 'rel', 'start'])

function harmless(root: HTMLElement): boolean {
  return [...root.querySelectorAll('*')].every(el => {
    const href = el.getAttribute('href')
    const known = ELEMENTS.has(el.tagName) && [...el.attributes].every(a => ATTRIBUTES.has(a.name))
    return known && (href === null || /^(https|mailto|tel):/.test(href))
  })
}

describe('markdown', () => {
  it('is harmless, streamed in two halves split at every place', () => {
    for (const text of HOSTILE)
      for (let i = 0; i <= text.length; i++) {
        const root = render([text.slice(0, i), text.slice(i)])
        expect(harmless(root), `${text} at ${i}: ${root.innerHTML}`).toBe(true)
      }
  })

  it('is the same in one piece and letter by letter', () => {
    const text = '**Quote** for 12:\n\n- Food $660\n- Travel $30\n\nTotal **$690**, see [terms](https://a.example/t).'
    expect(render([...text]).innerHTML).toBe(render([text]).innerHTML)
    const root = render([text])
    expect(root.querySelectorAll('li')).toHaveLength(2)
    expect(root.querySelector('a')?.rel).toContain('noopener')
    expect(root.textContent).toContain('Total $690')
  })

  it('starts anew when the text was replaced', () => {
    const root = document.createElement('div')
    const writer = new Markdown(root)
    writer.show('first words', false)
    writer.show('other', true)
    expect(root.textContent).toBe('other')
    writer.show('other and more', true)
    expect(root.textContent).toBe('other and more')
  })

  it('knows where a link may go', () => {
    expect(safeHref('tel:+15105550100')).toBe('tel:+15105550100')
    expect(safeHref('https://a.example')).toBe('https://a.example/')
    expect(safeHref('http://a.example')).toBeNull()
    expect(safeHref('/relative')).toBeNull()
  })
})

describe('sentences for the ear', () => {
  it('come whole and once', () => {
    const text = 'Hi there. **Food** is $1.50 each! And [more](https://a.example)'
    const spoken: string[] = []
    let from = 0
    for (let i = 1; i <= text.length; i++) {
      const { say, upTo } = sentences(text.slice(0, i), from, false)
      if (say) spoken.push(say)
      from = upTo
    }
    spoken.push(sentences(text, from, true).say)
    expect(spoken).toEqual(['Hi there.', 'Food is $1.50 each!', 'And more'])
  })
})
