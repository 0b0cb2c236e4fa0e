/** The corpus of hostile texts, shared with the browser's test, and a document that holds what the renderer may make. */
import { readFileSync } from 'node:fs'

interface Entry {
  kind: string
  text: string
  times?: number
}

const entries: Entry[] = JSON.parse(readFileSync(new URL('./hostile.json', import.meta.url), 'utf8'))
export const HOSTILE = entries.map(e => ({ kind: e.kind, text: e.text.repeat(e.times ?? 1) }))

const TAGS = new Set('p br hr em strong s code pre a ul ol li table tr th td div span blockquote'.split(' '))
const ATTRIBUTES: Record<string, RegExp> = {
  href: /^(https:\/\/|mailto:|tel:)/,
  target: /^_blank$/,
  rel: /^noopener noreferrer nofollow$/,
  start: /^\d+$/,
}
const CLASSES = /^(heading|table)?$/

/** An element that refuses, at the moment it is asked, whatever is not on the short list; it parses nothing. */
export class Tame {
  readonly tagName: string
  readonly children: (Tame | string)[] = []
  readonly attributes: Record<string, string> = {}
  parentElement: Tame | null = null
  private classes = ''

  constructor(tag: string) {
    if (!TAGS.has(tag)) throw new Error(`<${tag}> was made`)
    this.tagName = tag.toUpperCase()
    // innerHTML and every other way in that is not written here throws.
    Object.seal(this)
  }

  get ownerDocument() {
    return { createElement: (tag: string) => new Tame(tag) }
  }

  get firstElementChild(): Tame | null {
    return this.children.find(c => c instanceof Tame) ?? null
  }

  get className(): string {
    return this.classes
  }

  set className(value: string) {
    if (!CLASSES.test(value)) throw new Error(`class ${value}`)
    this.classes = value
  }

  appendChild(child: Tame): Tame {
    child.parentElement = this
    this.children.push(child)
    return child
  }

  append(text: string): void {
    if (typeof text !== 'string') throw new Error('only text may be appended')
    this.children.push(text)
  }

  replaceChildren(): void {
    this.children.length = 0
  }

  setAttribute(name: string, value: string): void {
    if (!ATTRIBUTES[name]?.test(value)) throw new Error(`${name}="${value}" was set`)
    this.attributes[name] = value
  }

  get text(): string {
    return this.children.map(c => (typeof c === 'string' ? c : c.text)).join('')
  }

  /** The tree as one line, neighbouring texts as one. */
  get shape(): string {
    const own = Object.entries(this.attributes).map(([k, v]) => ` ${k}=${v}`)
    return `<${this.tagName}${own.join('')}>${this.children.map(c => (typeof c === 'string' ? c : c.shape)).join('')}</>`
  }

  get depth(): number {
    return 1 + Math.max(0, ...this.children.map(c => (typeof c === 'string' ? 0 : c.depth)))
  }
}
