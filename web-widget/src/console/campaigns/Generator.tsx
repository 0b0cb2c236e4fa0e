/** Has texts drafted from what the campaign is for, and takes one of them over. Nothing of it is kept until it is saved. */
import { useState } from 'react'
import { Again, Suggest } from '../../design/icons'
import { Icon } from '../Icon'
import { dollars } from '../settings/figures'
import { Field, Saved } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { count } from '../settings/texting/texting'
import type { Drafted, Drafts } from './campaigns'
import { sent } from './draft'
import type { OnDraft } from './Editor'
import { LANGUAGE, people, writer } from './words'

/** The house has this many of its own; first three of them are shown. */
const FIRST = 3
const MORE = 5

export function Generator({ draft, edit, percent }: OnDraft & { percent: number }) {
  const { post } = useApi()
  const saving = useSaving()
  const [described, setDescribed] = useState('')
  const [made, setMade] = useState<Drafts | null>(null)
  const ask = async () => {
    const { season, variant, segment, audience, offer_percent } = sent(draft, percent)
    const drafts = made ? MORE : FIRST
    const body = { season, variant, segment, audience, offer_percent, described: described.trim(), drafts }
    const found = await saving.run(() => post<Drafts>('campaigns/drafts', body))
    if (found) setMade(found)
  }
  const use = ({ texts, reminder }: Drafted) => {
    edit({ texts: byLocale(texts), reminder: byLocale(reminder) })
    setMade(null)
  }
  return (
    <div className="generator">
      <div className="generator-ask">
        <Field
          label="What should they know?"
          hint="In a few words, or nothing. Prices and offers come from the business."
        >
          <input
            value={described}
            maxLength={400}
            placeholder="Like: winter evenings at home"
            onChange={event => setDescribed(event.target.value)}
          />
        </Field>
        <button type="button" className="button" disabled={saving.at.state === 'saving'} onClick={() => void ask()}>
          <Icon of={made ? Again : Suggest} size={16} />
          {saving.at.state === 'saving' ? 'Writing…' : made ? 'Draft others' : 'Draft it for me'}
        </button>
      </div>
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
      <p role="status" className="unseen">
        {made && `${made.drafts.length} drafts to choose from`}
      </p>
      {made && (
        <ol className="drafts" aria-label="Drafts to choose from">
          {made.drafts.map((one, at) => (
            <OneDraft
              key={one.texts.map(({ text }) => text).join()}
              draft={one}
              at={at}
              to={made.recipients}
              onUse={use}
            />
          ))}
        </ol>
      )}
    </div>
  )
}

interface OneProps {
  draft: Drafted
  at: number
  to: number
  onUse(draft: Drafted): void
}

function OneDraft({ draft, at, to, onUse }: OneProps) {
  const [reminder] = draft.reminder
  return (
    <li className="draft">
      {draft.texts.map(one => (
        <div key={one.locale}>
          <p lang={one.locale}>{one.text}</p>
          <p className="small soft">
            {LANGUAGE[one.locale] ?? one.locale}, {count(one.segments, 'segment')}
            {one.encoding === 'ucs2' && ' of 70 characters'}, {writer(one.model)}
          </p>
        </div>
      ))}
      {reminder && (
        <p className="small soft" lang={reminder.locale}>
          Reminder: {reminder.text}
        </p>
      )}
      <div className="draft-foot">
        <span className="small soft">
          {dollars(draft.cost_microdollars)} to {people(to)}
        </span>
        <button type="button" className="button" onClick={() => onUse(draft)}>
          Use it<span className="unseen"> draft {at + 1}</span>
        </button>
      </div>
    </li>
  )
}

function byLocale(texts: Drafted['texts']): Record<string, string> {
  return Object.fromEntries(texts.map(one => [one.locale, one.text]))
}
