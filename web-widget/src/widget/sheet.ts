/** A sheet over the talk: in its panel, whose other parts stand still meanwhile. Part of each script that shows one. */
import { Back } from '../design/icons'

const SVG = 'http://www.w3.org/2000/svg'

/** The phone's own way back, where the browser tells of it. */
declare const CloseWatcher: (new () => { onclose: (() => void) | null; destroy(): void }) | undefined

/** Lays the sheet over the panel, whose other parts stand still; what it returns takes it away. */
export function over(panel: HTMLElement, sheet: HTMLElement, from: HTMLElement, css: string): () => void {
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

/** Tab goes from the last to the first and back, never out of the sheet. */
export function around(event: KeyboardEvent, stops: readonly HTMLElement[]): void {
  event.preventDefault()
  const active = (event.currentTarget as HTMLElement).getRootNode() as ShadowRoot
  const at = stops.indexOf(active.activeElement as HTMLElement)
  stops[(at + (event.shiftKey ? -1 : 1) + stops.length) % stops.length]?.focus()
}

export function made<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  name: string,
  words = '',
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  element.className = name
  element.textContent = words
  return element
}

export function arrow(): SVGElement {
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
