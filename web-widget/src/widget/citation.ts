/** A passage that a reply was made from, in a sheet over the talk. Fetched when the first one is opened; no link leads out of it. */
import css from './citation.css?inline'
import type { Opening, Show } from './citation-contract'
import { around, arrow, made, over } from './sheet'

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

  const close = over(panel, sheet, from, css)
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

type Script = HTMLScriptElement & { hibachi?: (show: Show) => void }
;(document.currentScript as Script | null)?.hibachi?.(show)
