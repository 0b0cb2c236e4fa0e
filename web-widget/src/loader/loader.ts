/**
 * The one script a page embeds: draws the launcher in a shadow root and fetches the chat when it is first opened.
 * Sets no cookie, loads no font, changes nothing of the page but one element and the documented `window.Hibachi`.
 */
import type { App, AppScript, HibachiEvent, Mount } from './contract'
import css from './loader.css?inline'

declare const __APP__: string

const SVG = 'http://www.w3.org/2000/svg'
const BUBBLE = [
  'M2.992 16.342a2 2 0 0 1 .094 1.167l-1.065 3.29a1 1 0 0 0 1.236 1.168l3.413-.998a2 2 0 0 1 1.099.092 10 10 0 1 0-4.777-4.719',
]
const CROSS = ['M18 6 6 18', 'm6 6 12 12']
const LABELS = {
  en: ['Open chat', 'Close chat', 'No connection. Try again'],
  es: ['Abrir el chat', 'Cerrar el chat', 'Sin conexión. Inténtalo otra vez'],
}

const me = document.currentScript as HTMLScriptElement | null
if (me?.src && !window.Hibachi) start(me, new URL(me.src))

function start(script: HTMLScriptElement, from: URL): void {
  const listeners = new Map<HibachiEvent, Set<(detail: unknown) => void>>()
  const emit = (name: HibachiEvent, detail?: unknown) => {
    for (const listener of listeners.get(name) ?? []) listener(detail)
  }
  const host = document.createElement('div')
  const shadow = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  shadow.adoptedStyleSheets = [sheet]
  const button = shadow.appendChild(document.createElement('button'))
  button.className = 'launcher'
  button.type = 'button'

  let open = false
  let app: Promise<App> | null = null
  const language = /^es/i.test(document.documentElement.lang || navigator.language) ? 'es' : 'en'

  const draw = (label = open ? 1 : 0) => {
    button.title = LABELS[language][label] ?? ''
    button.setAttribute('aria-label', button.title)
    button.setAttribute('aria-expanded', String(open))
    const icon = document.createElementNS(SVG, 'svg')
    icon.setAttribute('viewBox', '0 0 24 24')
    icon.setAttribute('aria-hidden', 'true')
    for (const d of open ? CROSS : BUBBLE) icon.appendChild(document.createElementNS(SVG, 'path')).setAttribute('d', d)
    button.replaceChildren(icon)
  }

  const fetchApp = () =>
    new Promise<App>((resolve, reject) => {
      const tag = document.createElement('script') as AppScript
      tag.src = new URL(__APP__, from).href
      tag.async = true
      if (script.nonce) tag.nonce = script.nonce
      tag.hibachi = (mount: Mount) => {
        const site = script.dataset.site ?? ''
        resolve(mount({ shadow, base: from.origin, site, emit, onClose: () => toggle(false) }))
      }
      tag.onerror = () => reject(new Error('the chat could not be loaded'))
      document.head.appendChild(tag).remove()
    })

  const toggle = (to: boolean) => {
    if (to === open) return
    open = to
    draw()
    emit(to ? 'open' : 'close')
    if (!to) button.focus()
    button.setAttribute('aria-busy', 'true')
    app ??= fetchApp()
    app
      .then(
        a => (open ? a.show() : a.hide()),
        // The next click tries again.
        () => {
          app = null
          if (!open) return
          toggle(false)
          draw(2)
        },
      )
      .finally(() => button.removeAttribute('aria-busy'))
  }

  button.onclick = () => toggle(!open)
  window.Hibachi = {
    open: () => toggle(true),
    close: () => toggle(false),
    on(name, listener) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(listener))
      return () => set.delete(listener)
    },
  }
  draw()
  const place = () => document.body.appendChild(host)
  if (document.body) place()
  else document.addEventListener('DOMContentLoaded', place, { once: true })
}
