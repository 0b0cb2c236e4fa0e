/** Texts as the phone of a sample recipient shows them. */
import { useState } from 'react'
import { count } from '../settings/texting/texting'
import type { Sample } from './campaigns'
import { LANGUAGE } from './words'

interface Props {
  samples: readonly Sample[]
  reminders: readonly Sample[]
}

export function Phone({ samples, reminders }: Props) {
  const [locale, setLocale] = useState('en')
  const languages = samples.map(one => one.locale)
  const shown = languages.includes(locale) ? locale : languages[0]
  const texts = [
    ...samples.map(one => ({ ...one, later: false })),
    ...reminders.map(one => ({ ...one, later: true })),
  ].filter(one => one.locale === shown)
  if (texts.length === 0) return <p className="soft">What you write appears here as a phone shows it.</p>
  return (
    <div className="campaign-phone">
      {languages.length > 1 && (
        <fieldset className="views" aria-label="Language of the phone">
          {languages.map(one => (
            <button
              key={one}
              type="button"
              className="view"
              aria-pressed={one === shown}
              onClick={() => setLocale(one)}
            >
              {LANGUAGE[one] ?? one}
            </button>
          ))}
        </fieldset>
      )}
      <ol className="phone-screen" aria-label="On their phone">
        {texts.map(one => (
          <li key={String(one.later)}>
            {one.later && <span className="phone-later small">Later, without an answer</span>}
            <p className="phone-bubble plain" lang={one.locale}>
              {one.text}
            </p>
            <span className="small soft">
              {count(one.segments, 'segment')}
              {one.encoding === 'ucs2' && ', of 70 characters'}
            </span>
          </li>
        ))}
      </ol>
    </div>
  )
}
