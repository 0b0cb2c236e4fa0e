/** The open chat: who answers, what was said, what can be said. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { ChatClient } from '../protocol/chat-client'
import { Announcer } from './Announcer'
import { Composer } from './Composer'
import { Header } from './Header'
import { type Cite, FixedContext, StateContext, type Texting, useChat } from './hooks'
import { Log } from './Log'
import { chooseLanguage, fill, strings } from './strings'

const PHONE = '(max-width: 520px)'

interface Props {
  client: ChatClient
  open: boolean
  /** It stood open on the page before: the focus stays where it is. */
  again?: boolean
  /** The script's own choice of language, before the page's and the browser's. */
  locale: string | null
  cite?: Cite
  texting?: Texting
  onClose(): void
}

export function Panel({ client, open, again, locale: asked, cite, texting, onClose }: Props) {
  const state = useChat(client)
  const root = useRef<HTMLElement>(null)
  const locale = state.business?.locale
  const shared = useMemo(() => {
    const language = chooseLanguage([asked, document.documentElement.lang, locale, navigator.language])
    return { client, language, t: strings(language), cite, texting }
  }, [client, locale, asked, cite, texting])
  useKeyboardRoom(root, open)
  useFirstFocus(root, open && !again)

  const head = state.thread.after
  useEffect(() => {
    if (!open || head === null) return
    const look = () => document.visibilityState === 'visible' && client.seen()
    look()
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [open, head, client])

  const keys = (e: KeyboardEvent) => {
    if (e.key === 'Escape') onClose()
    if (e.key === 'Tab' && matchMedia(PHONE).matches) keepInside(e, root.current)
  }
  /** Files that are dropped on it or pasted anywhere in it; a page would else be left for the dropped one. */
  const [over, setOver] = useState(false)
  const drag = (e: DragEvent) => {
    if (!e.dataTransfer?.types.includes('Files')) return
    e.preventDefault()
    setOver(true)
  }
  const leave = (e: DragEvent) => !root.current?.contains(e.relatedTarget as Node | null) && setOver(false)
  const drop = (e: DragEvent) => {
    setOver(false)
    take(e, e.dataTransfer)
  }
  const take = (e: Event, given: DataTransfer | null) => {
    if (!given?.files.length || state.link.state === 'refused') return
    e.preventDefault()
    client.files.pick('', given.files)
  }
  const name = state.business?.name ?? shared.t.us
  return (
    <FixedContext.Provider value={shared}>
      <StateContext.Provider value={state}>
        <section
          ref={root}
          class="panel"
          role="dialog"
          aria-label={fill(shared.t.chat, { name })}
          hidden={!open}
          onKeyDown={keys}
          onPaste={e => e.clipboardData?.types.includes('text/plain') || take(e, e.clipboardData)}
          onDragOver={drag}
          onDragLeave={leave}
          onDrop={drop}
          lang={shared.language}
        >
          <Header onClose={onClose} />
          <Log open={open} />
          <Composer />
          <Announcer open={open} />
          {over && <p class="drop">{shared.t.drop}</p>}
        </section>
      </StateContext.Provider>
    </FixedContext.Provider>
  )
}

/** On a phone the keyboard takes room that `dvh` does not tell of; the visual viewport does. */
function useKeyboardRoom(root: { current: HTMLElement | null }, open: boolean) {
  useEffect(() => {
    const view = window.visualViewport
    if (!open || !view) return
    const resize = () => {
      const phone = matchMedia(PHONE).matches
      root.current?.style.setProperty('height', phone ? `${view.height}px` : '')
      root.current?.style.setProperty('top', phone ? `${view.offsetTop}px` : '')
    }
    resize()
    view.addEventListener('resize', resize)
    view.addEventListener('scroll', resize)
    return () => {
      view.removeEventListener('resize', resize)
      view.removeEventListener('scroll', resize)
    }
  }, [open, root])
}

/** With a pointer the cursor goes where one writes; on touch that would throw up the keyboard unasked. */
function useFirstFocus(root: { current: HTMLElement | null }, open: boolean) {
  useEffect(() => {
    if (!open) return
    const target = matchMedia('(pointer: coarse)').matches ? '.close' : 'textarea'
    root.current?.querySelector<HTMLElement>(target)?.focus()
  }, [open, root])
}

/** Full screen, the page behind is out of sight, so Tab must not wander into it. */
function keepInside(e: KeyboardEvent, panel: HTMLElement | null) {
  const all = [
    ...(panel?.querySelectorAll<HTMLElement>(
      'button:not([disabled]), textarea, input, summary, a[href], [tabindex="0"]',
    ) ?? []),
  ]
  const edge = e.shiftKey ? all[0] : all.at(-1)
  const active = (panel?.getRootNode() as ShadowRoot | undefined)?.activeElement
  if (active !== edge) return
  e.preventDefault()
  ;(e.shiftKey ? all.at(-1) : all[0])?.focus()
}
