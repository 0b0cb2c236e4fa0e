/**
 * The one script a page embeds: draws the launcher in a shadow root and fetches the chat when it is first opened.
 * Sets no cookie, loads no font, changes nothing of the page but one element and the documented `window.Hibachi`.
 */
import type { App, AppScript, HibachiEvent, Mount } from './contract'
import css from './loader.css?inline'

declare const __APP__: string
/** Not in every browser; a page may demand it. */
declare const trustedTypes: {
  createPolicy(name: string, rules: object): { createScriptURL(url: string): string }
}

const SVG = 'http://www.w3.org/2000/svg'
const BUBBLE = [
  'M2.992 16.342a2 2 0 0 1 .094 1.167l-1.065 3.29a1 1 0 0 0 1.236 1.168l3.413-.998a2 2 0 0 1 1.099.092 10 10 0 1 0-4.777-4.719',
]
const CROSS = ['M18 6 6 18', 'm6 6 12 12']
const LABELS = {
  en: ['Open chat', 'Close chat', 'No connection. Try again', '{n} new', 'Hi! How can we help?', 'Dismiss'],
  es: [
    'Abrir el chat',
    'Cerrar el chat',
    'Sin conexión. Inténtalo otra vez',
    '{n} sin leer',
    '¡Hola! ¿En qué te ayudamos?',
    'Descartar',
  ],
}
/** Whoever came for something else is left alone for a while. */
const GREETING_MS = 8000

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
  let unread = 0
  let identity: string | null | undefined
  const { site = '', locale = null, greeting: own } = script.dataset
  const language = /^es/i.test(locale || document.documentElement.lang || navigator.language) ? 'es' : 'en'
  const words = LABELS[language]
  const greeting = shadow.appendChild(document.createElement('div'))
  greeting.className = 'greeting'
  greeting.lang = language
  greeting.hidden = true

  const draw = (label = open ? 1 : 0) => {
    button.title = words[label] ?? ''
    if (unread && !open) button.title += ` · ${words[3]?.replace('{n}', String(unread))}`
    if (unread && !open) button.dataset.unread = unread > 9 ? '9+' : String(unread)
    else delete button.dataset.unread
    button.setAttribute('aria-label', button.title)
    button.setAttribute('aria-expanded', String(open))
    const icon = document.createElementNS(SVG, 'svg')
    icon.setAttribute('viewBox', '0 0 24 24')
    icon.setAttribute('aria-hidden', 'true')
    for (const d of open ? CROSS : BUBBLE) icon.appendChild(document.createElementNS(SVG, 'path')).setAttribute('d', d)
    button.replaceChildren(icon)
  }

  /** A page may want scripts' addresses vouched for (trusted types); elsewhere they are plain text. */
  let vouched = { createScriptURL: (url: string) => url }
  let asked = false

  const load = <T>(file: string) =>
    new Promise<T>((resolve, reject) => {
      try {
        if (!asked) vouched = trustedTypes.createPolicy('hibachi', vouched)
      } catch {
        // No such thing in this browser, or no policy of ours is wanted here: then plain text is all there is.
      }
      asked = true
      const tag = document.createElement('script') as AppScript<T>
      tag.src = vouched.createScriptURL(new URL(file, from).href)
      tag.async = true
      if (script.nonce) tag.nonce = script.nonce
      tag.hibachi = resolve
      tag.onerror = () => reject(new Error('the chat could not be loaded'))
      document.head.appendChild(tag).remove()
    })
  const onUnread = (count: number) => {
    unread = count
    draw()
  }
  const fetchApp = async () => {
    const mount = await load<Mount>(__APP__)
    const mounted = mount({
      shadow,
      base: from.origin,
      site,
      locale,
      emit,
      load,
      onUnread,
      onClose: () => toggle(false),
    })
    if (identity !== undefined) mounted.identify(identity)
    return mounted
  }

  const toggle = (to: boolean, again = false) => {
    if (to === open) return
    open = to
    if (to) greeted()
    keepOpen()
    draw()
    emit(to ? 'open' : 'close')
    if (!to && !again) button.focus()
    button.setAttribute('aria-busy', 'true')
    app ??= fetchApp()
    app
      .then(
        a => (open ? a.show(again) : a.hide()),
        // The next click tries again.
        () => {
          app = null
          if (!open) return
          toggle(false, again)
          draw(2)
        },
      )
      .finally(() => button.removeAttribute('aria-busy'))
  }

  button.onclick = () => toggle(!open)

  /** What the browser keeps, of this site and of this tab; it may keep nothing. */
  const mine = `hibachi:${site}:`
  const stored = <T>(run: (site: Storage, tab: Storage) => T, otherwise?: T) => {
    try {
      return run(localStorage, sessionStorage)
    } catch {
      return otherwise
    }
  }
  /** On the next page of this tab it stands as it stood here. */
  const keepOpen = () => stored((_, tab) => (open ? tab.setItem(`${mine}open`, '1') : tab.removeItem(`${mine}open`)))
  /** Where the chat is not loaded it has nothing to forget but what it keeps; open ones hear of it. */
  const signOut = () =>
    stored((...all) => {
      if (all[0].getItem(`${mine}who`))
        for (const one of all) for (const key of Object.keys(one)) if (key.startsWith(mine)) one.removeItem(key)
    })
  /** Said once to a newcomer; whoever has talked, opened or dismissed it is not greeted again, and where nothing is kept nobody is. */
  const known = () => open || stored(it => Boolean(it.getItem(`${mine}greeted`) || it.getItem(`${mine}token`)), true)
  const greeted = () => {
    greeting.hidden = true
    stored(it => it.setItem(`${mine}greeted`, '1'))
  }
  /** The site's own words, where it has some. */
  const siteWords = async () => {
    try {
      return (await (await fetch(`${from.origin}/api/sites/${site}/greeting?locale=${language}`)).json()).greeting
    } catch {
      return
    }
  }
  const greet = async () => {
    if (known()) return
    const invitation = own || (await siteWords()) || words[4]
    if (known()) return
    for (const [text = '', label, run] of [
      [invitation, '', () => toggle(true)],
      ['×', words[5], greeted],
    ] as const) {
      const part = greeting.appendChild(document.createElement('button'))
      part.type = 'button'
      part.textContent = text
      part.onclick = run
      if (label) part.ariaLabel = label
    }
    greeting.hidden = false
  }
  if (own !== 'off') setTimeout(greet, GREETING_MS)
  window.Hibachi = {
    open: () => toggle(true),
    close: () => toggle(false),
    identify(who) {
      identity = who
      if (!app && who === null) signOut()
      app?.then(
        a => a.identify(who),
        () => undefined,
      )
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(listener))
      return () => set.delete(listener)
    },
  }
  draw()
  if (stored((_, tab) => tab.getItem(`${mine}open`))) toggle(true, true)
  addEventListener('pagehide', keepOpen)
  // Behind the body: a page's own `:last-child` stays what it was, a transformed body does not carry the chat along, and a page that
  // exchanges its body keeps it.
  const place = () => document.documentElement.appendChild(host)
  if (document.body) place()
  else document.addEventListener('DOMContentLoaded', place, { once: true })
}
