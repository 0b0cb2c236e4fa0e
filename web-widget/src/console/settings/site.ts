/** Sites as the server tells of them, what is being changed of one, and the line of HTML that embeds it. */
import { THEMED } from '../../widget/theme'

export type Question = 'name' | 'email' | 'phone' | 'sms_consent' | 'sms_marketing' | 'event_date'

/** First words by language; where there are none, the usual ones stand. */
export type Greeting = { readonly [language in 'en' | 'es']?: string }

export interface Site {
  key: string
  name: string
  origins: string[]
  theme: Record<string, string>
  ask: Question[]
  greeting: Greeting
  allow_own_origin: boolean
  allow_no_origin: boolean
  snippet: string
  /** Only where it was just made. */
  identity_secret?: string
}

/** What is asked of visitors, in this order. */
export const QUESTIONS: readonly (readonly [Question, string])[] = [
  ['name', 'Name'],
  ['email', 'E-mail'],
  ['phone', 'Phone'],
  ['sms_consent', 'Whether texts about their booking may come'],
  ['sms_marketing', 'Whether marketing texts may come'],
  ['event_date', 'Date of the event'],
]

/** What a site may colour. */
export const COLOURS: readonly (readonly [string, string])[] = [
  ['--ember', 'Button and visitors’ words'],
  ['--person', 'Edge of what people say'],
  ['--assistant', 'Edge of what the assistant says'],
]

/** A site's settings as they are being edited: text where one types text. */
export interface Draft {
  name: string
  origins: string
  theme: Readonly<Record<string, string>>
  ask: readonly Question[]
  greeting: Greeting
}

export function draftOf({ name, origins, theme, ask, greeting }: Site): Draft {
  return { name, origins: origins.join('\n'), theme, ask, greeting }
}

export function originsOf(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map(line => line.trim())
    .filter(Boolean)
}

export type SitePatch = Partial<Pick<Site, 'name' | 'origins' | 'theme' | 'ask' | 'greeting'>>

/** What has to be sent to make the site as drafted; null where nothing has. */
export function changes(site: Site, draft: Draft): SitePatch | null {
  const patch: SitePatch = {}
  if (draft.name.trim() !== site.name) patch.name = draft.name.trim()
  const origins = originsOf(draft.origins)
  if (origins.join() !== site.origins.join()) patch.origins = origins
  if (flat(draft.theme) !== flat(site.theme)) patch.theme = { ...draft.theme }
  const greeting = spoken(draft.greeting)
  if (flat(greeting) !== flat(site.greeting)) patch.greeting = greeting
  if (draft.ask.join() !== site.ask.join()) patch.ask = [...draft.ask]
  return Object.keys(patch).length ? patch : null
}

function flat(values: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(values).sort())
}

/** As it is kept: one line, and nothing for a language without words. */
function spoken(greeting: Greeting): Record<string, string> {
  const said = Object.entries(greeting).map(
    ([language, words]) => [language, words.trim().replace(/\s+/g, ' ')] as const,
  )
  return Object.fromEntries(said.filter(([, words]) => words))
}

export function asked(ask: readonly Question[], one: Question, on: boolean): Question[] {
  return QUESTIONS.map(([name]) => name).filter(name => (name === one ? on : ask.includes(name)))
}

/** The draft with a colour; an empty one is taken off, so that the business's own shows. */
export function coloured(draft: Draft, property: string, value: string): Draft {
  const { [property]: _before, ...others } = draft.theme
  return { ...draft, theme: value.trim() ? { ...others, [property]: value.trim().toLowerCase() } : others }
}

const HEX = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i

/** A colour as the browser's colour field takes it. */
export function swatch(value: string | undefined, property: string): string {
  const hex = value && HEX.test(value) ? value : (THEMED[property] ?? '#000000')
  return hex.length === 4 ? hex.replace(/[0-9a-f]/gi, '$&$&') : hex
}

/** A key for a name: what a browser's address may hold. */
export function keyOf(name: string): string {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  return plain
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '')
}

export interface SnippetOptions {
  silent: boolean
  locale: '' | 'en' | 'es'
}

/** The line for a page, with what holds on that page alone. */
export function embedding(snippet: string, { silent, locale }: SnippetOptions): string {
  const more = [silent && ' data-greeting="off"', locale && ` data-locale="${locale}"`].filter(Boolean)
  return snippet.replace(/><\/script>$/, () => `${more.join('')}></script>`)
}
