/** The chat as visitors see it, for the console's settings: the real panel over a client that is never connected, with a made-up talk. */
import { render } from 'preact'
import tokens from '../design/tokens.css?inline'
import { ChatClient } from '../protocol/chat-client'
import type { ChatEvent } from '../protocol/wire'
import { Panel } from './Panel'
import frame from './preview.css?inline'
import type { Draw, Look, PreviewScript } from './preview-contract'
import { themeRules } from './theme'
import css from './widget.css?inline'

/** One thing said by each, so that each colour is seen. */
const TALK = {
  en: [
    'Hi! Can I talk to a person as well?',
    'Yes. I answer right away, and a person takes over whenever you ask.',
    'Hello, here I am.',
  ],
  es: [
    '¡Hola! ¿También puedo hablar con una persona?',
    'Sí. Yo contesto al momento, y una persona sigue cuando quieras.',
    'Hola, aquí estoy.',
  ],
}
const NOTHING_KEPT = { list: () => [], get: () => null, put: () => undefined, drop: () => undefined }

const draw: Draw = shadow => {
  const sheet = new CSSStyleSheet()
  const theme = new CSSStyleSheet()
  shadow.adoptedStyleSheets = [sheet, theme]
  const place = shadow.appendChild(document.createElement('div'))
  place.className = 'place'
  const clients = new Map<string, ChatClient>()
  return look => {
    sheet.replaceSync(inScheme(`${tokens}\n${css}\n${frame}`, look.dark))
    theme.replaceSync(inScheme(themeRules(look.business.theme), look.dark))
    place.style.setProperty('color-scheme', look.dark ? 'dark' : 'light')
    const { locale } = look.business
    const client = clients.get(locale) ?? new ChatClient({ base: location.origin, site: '', shelf: NOTHING_KEPT })
    clients.set(locale, client)
    client.store.dispatch({ type: 'ready', ready: talkOf(look) })
    render(<Panel key={locale} client={client} open locale={locale} onClose={() => undefined} />, place)
  }
}

/** The scheme is chosen here, whatever the reader's system prefers. */
function inScheme(rules: string, dark: boolean): string {
  return rules.replace(/\(prefers-color-scheme:\s*dark\)/g, dark ? '(min-width: 0)' : '(max-width: 0)')
}

function talkOf({ business, person }: Look) {
  const [question = '', reply = '', hello = ''] = TALK[business.locale === 'es' ? 'es' : 'en']
  const human = { kind: 'human', name: person } as const
  const message = (id: string, author: { kind: 'customer' | 'ai' | 'human'; name: string }, text: string) => ({
    kind: 'message' as const,
    message: { id, author, text, format: 'plain' as const },
  })
  const said = [
    message('1', { kind: 'customer', name: '' }, question),
    message('2', { kind: 'ai', name: business.name }, reply),
    { kind: 'owner_changed' as const, owner: 'human' as const, epoch: 1, by: human },
    message('3', human, hello),
  ]
  const at = new Date().toISOString()
  const events = said.map(
    (event, i) => ({ ...event, seq: i + 1, at, conversation: 'preview', history: 'preview' }) as ChatEvent,
  )
  const conversation = { id: 'preview', owner: 'human' as const, epoch: 1, state: 'open' as const }
  return { business, conversation, events, head: events.length, history: 'preview', live: null, token: '' }
}

;(document.currentScript as PreviewScript | null)?.hibachi?.(draw)
