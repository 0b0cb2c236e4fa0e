// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import { Markdown, safeHref } from '../src/text/markdown'
import { plain, sentences } from '../src/text/sentences'
import { unmarked } from '../src/text/unmarked'

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

describe('markdown', () => {
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

describe('words without marks', () => {
  it('are one line for the inbox', () => {
    expect(plain('**Total**\n- Food $660\n- Travel $30\n\n1. then [pay](https://a.example)')).toBe(
      'Total Food $660 Travel $30 1. then pay',
    )
  })
  it('are what a colleague would type, also while they come', () => {
    const text =
      '# Yes\n\n**Total: $690** for _two_ hours, 5*3 and snake_case:\n* Food\n- Travel\n\nSee [terms](https://a.example/t), `ok`?'
    const typed =
      'Yes\n\nTotal: $690 for two hours, 5*3 and snake_case:\n- Food\n- Travel\n\nSee terms (https://a.example/t), ok?'
    expect(unmarked(text)).toBe(typed)
    expect(unmarked(typed)).toBe(typed)
    for (let i = 0; i <= text.length; i++) expect(unmarked(text.slice(0, i))).not.toContain('**')
  })
})
