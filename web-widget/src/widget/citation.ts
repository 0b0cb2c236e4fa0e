/** A passage that a reply was made from, in a sheet over the talk. Fetched when the first one is opened; no link leads out of it. */
import { Back } from '../design/icons'
import css from './citation.css?inline'
import type { Opening, Show } from './citation-contract'

interface Passage {
  heading: string
  text: string
  language: string
}

const WORDS = {
  en: ['Back to the chat', 'From', 'This is no longer there.', 'This did not get through. Close it and try again.'],
  es: ['Volver al chat', 'Fuente', 'Esto ya no está disponible.', 'No nos llegó. Ciérralo e inténtalo otra vez.'],
} as const
const GONE = 404
const SVG = 'http://www.w3.org/2000/svg'

/** The phone's own way back, where the browser tells of it. */
declare const CloseWatcher: (new () => { onclose: (() => void) | null; destroy(): void }) | undefined

const show: Show = opening => {
  const { from, title, language } = opening
  const panel = from.closest<HTMLElement>('.panel')
  if (!panel || panel.querySelector('.cited')) return
  const [back, source, gone, lost] = WORDS[language]
  const sheet = made('div', 'cited')
  sheet.role = 'dialog'
  sheet.ariaModal = 'true'
  sheet.ariaLabel = `${source}: ${title}`
  const button = made('button', 'plain')
  button.title = button.ariaLabel = back
  button.append(arrow())
  const body = made('div', 'cited-body')
  body.tabIndex = 0
  body.role = 'region'
  body.ariaLabel = title
  body.ariaBusy = 'true'
  const head = made('div', 'cited-head')
  const name = made('div', 'who')
  name.append(made('p', 'answers', source), made('h2', '', title))
  head.append(button, name)
  sheet.append(head, body)

  const close = over(panel, sheet, from)
  button.onclick = close
  sheet.onkeydown = event => {
    if (event.key === 'Escape') close()
    if (event.key === 'Tab') around(event, [button, body])
    // The panel would close with it.
    event.stopPropagation()
  }
  button.focus()
  fill(body, opening, gone, lost)
}

/** Lays the sheet over the panel, whose other parts stand still; what it returns takes it away. */
function over(panel: HTMLElement, sheet: HTMLElement, from: HTMLElement): () => void {
  const root = panel.getRootNode() as ShadowRoot
  const rules = new CSSStyleSheet()
  rules.replaceSync(css)
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, rules]
  // What is read aloud goes on being read.
  const beneath = [...panel.children].filter(child => child instanceof HTMLElement && !child.matches('.unseen'))
  const still = (on: boolean) => {
    for (const part of beneath) part.toggleAttribute('inert', on)
  }
  still(true)
  panel.append(sheet)
  const watcher = typeof CloseWatcher === 'undefined' ? null : new CloseWatcher()
  const close = () => {
    watcher?.destroy()
    sheet.remove()
    still(false)
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter(one => one !== rules)
    from.focus()
  }
  if (watcher) watcher.onclose = close
  return close
}

async function fill(body: HTMLElement, { title, Markdown, read }: Opening, gone: string, lost: string): Promise<void> {
  const say = (words: string) => {
    const line = made('p', 'system', words)
    line.role = 'status'
    body.replaceChildren(line)
  }
  try {
    const answer = await read()
    if (answer.status === GONE) return say(gone)
    if (!answer.ok) return say(lost)
    const { heading, text, language }: Passage = await answer.json()
    const words = made('div', 'text')
    new Markdown(words).show(text, true)
    // The gateway took their addresses out; should one be left, it is words here.
    for (const link of words.querySelectorAll('a')) link.replaceWith(...link.childNodes)
    body.lang = language
    // What the source's name says already is not said again.
    const above = heading && !title.endsWith(heading) ? [made('p', 'cited-heading', heading)] : []
    body.replaceChildren(...above, words)
  } catch {
    say(lost)
  } finally {
    body.ariaBusy = 'false'
  }
}

/** Tab goes from the last to the first and back, never out of the sheet. */
function around(event: KeyboardEvent, stops: readonly HTMLElement[]): void {
  event.preventDefault()
  const active = (event.currentTarget as HTMLElement).getRootNode() as ShadowRoot
  const at = stops.indexOf(active.activeElement as HTMLElement)
  stops[(at + (event.shiftKey ? -1 : 1) + stops.length) % stops.length]?.focus()
}

function made<K extends keyof HTMLElementTagNameMap>(tag: K, name: string, words = ''): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  element.className = name
  element.textContent = words
  return element
}

function arrow(): SVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  for (const [key, value] of Object.entries({ class: 'icon', width: 20, height: 20, viewBox: '0 0 24 24' }))
    svg.setAttribute(key, String(value))
  svg.setAttribute('aria-hidden', 'true')
  for (const [tag, attributes] of Back) {
    const shape = svg.appendChild(document.createElementNS(SVG, tag))
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, String(value))
  }
  return svg
}

type Script = HTMLScriptElement & { hibachi?: (show: Show) => void }
;(document.currentScript as Script | null)?.hibachi?.(show)
