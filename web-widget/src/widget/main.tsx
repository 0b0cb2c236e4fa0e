/** The chat app's entry: handed to the loader, draws the panel into its shadow root, owns the client. */
import { render } from 'preact'
import tokens from '../design/tokens.css?inline'
import type { AppScript, Mount } from '../loader/contract'
import { added } from '../protocol/chat'
import { ChatClient } from '../protocol/chat-client'
import { browserShelf } from '../protocol/courier'
import { together } from '../protocol/tabs'
import { Markdown } from '../text/markdown'
import type { Show } from './citation-contract'
import files from './files.css?inline'
import type { Cite, Texting } from './hooks'
import { Panel } from './Panel'
import type { ShowTexting } from './texting-contract'
import { applyTheme } from './theme'
import css from './widget.css?inline'

/** Where the build put the viewer of cited passages. */
declare const __CITATION__: string
/** And what takes a talk on by text. */
declare const __TEXTING__: string

/** Longer is no language. */
const LONGEST_LOCALE = 20

const mount: Mount = start => {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(`${tokens}${css}${files}`)
  const theme = new CSSStyleSheet()
  start.shadow.adoptedStyleSheets = [...start.shadow.adoptedStyleSheets, sheet, theme]

  const { base, site } = start
  const locale = (start.locale || document.documentElement.lang).slice(0, LONGEST_LOCALE)
  const client = new ChatClient({
    base,
    site,
    locale,
    shelf: browserShelf(() => localStorage),
    tab: browserShelf(() => sessionStorage),
    dial: together(`hibachi:${site}:line`),
  })
  let themed: unknown
  let before = client.store.get().thread
  let open = false
  let unread = 0
  client.store.subscribe(() => {
    const { business, thread } = client.store.get()
    if (business && business.theme !== themed) {
      themed = business.theme
      applyTheme(theme, business.theme)
    }
    for (const e of before.after === null ? [] : added(before, thread)) {
      if (e.kind !== 'message' || e.message.author.kind === 'customer') continue
      if (!open) start.onUnread(++unread)
      start.emit('message', { author: e.message.author, text: e.message.text })
    }
    before = thread
  })
  window.addEventListener('storage', e => client.cleared(e.key))
  const wake = () => document.visibilityState === 'visible' && client.wake()
  document.addEventListener('visibilitychange', wake)
  document.addEventListener('resume', () => client.wake(true))
  window.addEventListener('pageshow', e => client.wake(e.persisted))
  window.addEventListener('online', wake)

  const cite: Cite = ({ id, title }, from, language) =>
    start.load<Show>(__CITATION__).then(
      show => show({ from, title, language, Markdown, read: () => client.cited(id) }),
      () => client.lost(),
    )

  const texting: Texting = (from, language) =>
    start.load<ShowTexting>(__TEXTING__).then(
      show => show({ from, language, client }),
      () => client.lost(),
    )

  const place = start.shadow.insertBefore(document.createElement('div'), start.shadow.firstChild)
  const draw = (shown: boolean, again = false) => {
    open = shown
    render(
      <Panel
        client={client}
        open={open}
        again={again}
        locale={start.locale}
        cite={cite}
        texting={texting}
        onClose={start.onClose}
      />,
      place,
    )
  }
  return {
    show(again) {
      unread = 0
      start.onUnread(0)
      client.start()
      draw(true, again)
    },
    hide: () => draw(false),
    identify: who => client.identify(who),
  }
}

;(document.currentScript as AppScript | null)?.hibachi?.(mount)
