import { useCallback, useMemo, useState } from 'react'
import type { Business } from '../../protocol/wire'
import { strings } from '../../widget/strings'
import { Here } from './frame'
import { useLoaded } from './loading'
import { Preview } from './Preview'
import { useApi, useSession } from './session'
import type { Draft, Site } from './site'

const SCHEMES = [
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const
const LANGUAGES = [
  ['en', 'English'],
  ['es', 'Español'],
] as const

/** The chat as the draft makes it, with what the business really says in it. */
export function Shown({ site, draft }: { site: Site; draft: Draft }) {
  const { get } = useApi()
  const { session } = useSession()
  const [dark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches)
  const [locale, setLocale] = useState<'en' | 'es'>('en')
  const load = useCallback(
    () =>
      get<{ card: Business; own_theme: Record<string, string>; own_greeting: string }>(
        `sites/${site.key}/card?locale=${locale}`,
      ),
    [get, site.key, locale],
  )
  const card = useLoaded(load)
  const words = draft.greeting[locale]?.trim()
  const look = useMemo(() => {
    if (!card.value) return null
    const theme = { ...card.value.own_theme, ...draft.theme }
    const greeting = words || card.value.own_greeting
    return { business: { ...card.value.card, theme, greeting, ask: [...draft.ask] }, dark, person: session.staff.name }
  }, [card.value, draft.theme, draft.ask, words, dark, session.staff.name])
  return (
    <aside className="shown" aria-label="Preview">
      <div className="shown-head">
        <Choice
          label="Scheme"
          options={SCHEMES}
          value={dark ? 'dark' : 'light'}
          onChange={v => setDark(v === 'dark')}
        />
        <Choice label="Language" options={LANGUAGES} value={locale} onChange={l => setLocale(l)} />
      </div>
      <Here of={card}>{() => look && <Preview look={look} />}</Here>
      <p className={dark ? 'invitation dark' : 'invitation'} lang={locale}>
        <span className="unseen">Above the button: </span>
        {words || strings(locale).greeting}
      </p>
    </aside>
  )
}

interface ChoiceProps<T extends string> {
  label: string
  options: readonly (readonly [T, string])[]
  value: T
  onChange(value: T): void
}

function Choice<T extends string>({ label, options, value, onChange }: ChoiceProps<T>) {
  return (
    <fieldset className="segments">
      <legend className="unseen">{label}</legend>
      {options.map(([option, name]) => (
        <button key={option} type="button" aria-pressed={option === value} onClick={() => onChange(option)}>
          {name}
        </button>
      ))}
    </fieldset>
  )
}
