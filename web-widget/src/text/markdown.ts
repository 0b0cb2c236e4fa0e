/**
 * Safe Markdown, written into the page as it streams. Raw HTML stays text, images are dropped, links keep only
 * `https`, `mailto` and `tel`; nothing is ever parsed as HTML, and nothing is nested without end.
 */
import * as smd from 'streaming-markdown'

const SCHEMES = new Set(['https:', 'mailto:', 'tel:'])
/** Characters that hide text from a reader's eyes, or show it in another order than it stands. */
const HIDDEN = /[\u200b\u2060\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu
/** What is nested deeper stands at this depth: a browser dies of thousands of elements in one another. */
const DEEPEST = 16
const ELEMENTS: Partial<Record<number, string>> = {
  [smd.BLOCKQUOTE]: 'blockquote',
  [smd.PARAGRAPH]: 'p',
  [smd.LINE_BREAK]: 'br',
  [smd.RULE]: 'hr',
  [smd.ITALIC_AST]: 'em',
  [smd.ITALIC_UND]: 'em',
  [smd.STRONG_AST]: 'strong',
  [smd.STRONG_UND]: 'strong',
  [smd.STRIKE]: 's',
  [smd.CODE_INLINE]: 'code',
  [smd.CODE_BLOCK]: 'pre',
  [smd.CODE_FENCE]: 'pre',
  [smd.RAW_URL]: 'a',
  [smd.LINK]: 'a',
  [smd.LIST_UNORDERED]: 'ul',
  [smd.LIST_ORDERED]: 'ol',
  [smd.LIST_ITEM]: 'li',
  [smd.TABLE]: 'table',
  [smd.TABLE_ROW]: 'tr',
}

/** The address if a link may go there, else null. */
export function safeHref(value: string): string | null {
  try {
    const url = new URL(value.trim())
    return SCHEMES.has(url.protocol) ? url.href : null
  } catch {
    return null
  }
}

/** The text as a reader sees it stand. */
export function visible(text: string): string {
  return text.replace(HIDDEN, '')
}

/** One growing text in one element: what was written stays, only the new end is added. */
export class Markdown {
  private parser: smd.Parser | null = null
  private written = ''

  constructor(private readonly root: HTMLElement) {}

  show(text: string, done: boolean): void {
    const clean = visible(text)
    if (this.parser === null || !clean.startsWith(this.written)) this.restart()
    if (this.parser === null) return
    smd.parser_write(this.parser, clean.slice(this.written.length))
    this.written = clean
    if (!done) return
    smd.parser_end(this.parser)
    this.parser = null
    this.written = ''
  }

  private restart(): void {
    this.root.replaceChildren()
    this.written = ''
    this.parser = smd.parser(renderer(this.root))
  }
}

function renderer(root: HTMLElement): smd.Any_Renderer {
  const stack: HTMLElement[] = [root]
  const top = () => stack[stack.length - 1] ?? root
  return {
    data: null,
    add_token(_data: null, type: smd.Token) {
      if (type !== smd.DOCUMENT) stack.push(stack.length > DEEPEST ? top() : element(top(), type))
    },
    end_token() {
      if (stack.length > 1) stack.pop()
    },
    add_text(_data: null, text: string) {
      top().append(text)
    },
    set_attr(_data: null, type: smd.Attr, value: string) {
      const node = top()
      if (type === smd.START && node.tagName === 'OL') node.setAttribute('start', value)
      if (type === smd.HREF && node.tagName === 'A') link(node, value)
    },
  }
}

function link(node: HTMLElement, value: string): void {
  const href = safeHref(value)
  if (href === null) return
  node.setAttribute('href', href)
  node.setAttribute('target', '_blank')
  node.setAttribute('rel', 'noopener noreferrer nofollow')
}

function element(parent: HTMLElement, type: smd.Token): HTMLElement {
  const doc = parent.ownerDocument
  if (type >= smd.HEADING_1 && type <= smd.HEADING_6) {
    // A heading inside a bubble must not join the page's own outline.
    const heading = doc.createElement('p')
    heading.className = 'heading'
    return parent.appendChild(heading)
  }
  if (type === smd.TABLE_CELL) {
    const first = parent.parentElement?.firstElementChild === parent
    return parent.appendChild(doc.createElement(first ? 'th' : 'td'))
  }
  if (type === smd.TABLE) {
    const frame = parent.appendChild(doc.createElement('div'))
    frame.className = 'table'
    return frame.appendChild(doc.createElement('table'))
  }
  // An image becomes its own description: nothing is fetched that the business did not place here.
  return parent.appendChild(doc.createElement(ELEMENTS[type] ?? 'span'))
}
