/** The editor of a campaign that is not started: what it is for, to whom, what it says, when; and beside it what would come of it. */
import { useContext, useEffect, useMemo, useState } from 'react'
import { usePause } from '../settings/emails/pause'
import { Block, Field, Form, SaveBar } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { explain, useApi } from '../settings/session'
import { Approval } from './Approval'
import { Audience } from './Audience'
import { Counted } from './Counted'
import { useCount } from './Counts'
import type { Campaign, Preview, Seasons, Texts } from './campaigns'
import { SeasonsContext } from './context'
import { changed, type Draft, draftOf, faultOf, filled, LOCALES, learned } from './draft'
import { Generator } from './Generator'
import { Phone } from './Phone'
import { useSegments } from './Segments'
import { estimate, LANGUAGE, seasonOf, span, variantOf } from './words'

const AFTER_MS = 400

export interface OnDraft {
  draft: Draft
  edit(part: Partial<Draft>): void
}

interface Props {
  of: Campaign
  put(campaign: Campaign): void
}

export function Editor({ of, put }: Props) {
  const { patch } = useApi()
  const seasons = useContext(SeasonsContext)
  const [draft, setDraft] = useState(() => draftOf(of))
  const saving = useSaving()
  const percent = seasons?.win_back_percent ?? 0
  const unsaved = changed(of, draft, percent)
  const fault = faultOf(draft)
  const preview = usePreview(draft, percent)
  const segments = useSegments()
  const saved = segments.value?.find(one => one.id === draft.segment)
  const count = useCount(saved ? saved.audience.filter : draft.filter)
  const on: OnDraft = {
    draft,
    edit(part) {
      setDraft(all => ({ ...all, ...part }))
      saving.touched()
    },
  }
  const save = async () => {
    if (!unsaved || fault) return
    const kept = await saving.run(() =>
      patch<Campaign>(`campaigns/${of.campaign.id}`, { ...unsaved, rev: of.campaign.rev }),
    )
    if (kept) put(kept)
  }
  return (
    <div className="campaign-parts">
      <Form className="settings-form campaign-form" onSend={() => void save()}>
        <About {...on} seasons={seasons} />
        <Audience {...on} segments={segments} count={count} />
        <Says {...on} values={preview.values} places={seasons?.placeholders ?? []} percent={percent} />
        <Reminder {...on} values={preview.values} />
        <Timing {...on} />
        <div className="campaign-save">
          <SaveBar at={saving.at} disabled={!unsaved || fault !== null} label="Save draft">
            {fault && <span className="hint-line">{fault}</span>}
          </SaveBar>
        </div>
      </Form>
      <div className="complaint-column campaign-beside">
        <Block title="On their phone" words="As a sample recipient would get it.">
          {preview.why ? <p className="fault">{preview.why}</p> : null}
          <Phone samples={preview.shown?.samples ?? of.samples} reminders={preview.shown?.reminder_samples ?? []} />
        </Block>
        <Approval
          of={of}
          put={put}
          unsaved={unsaved !== null}
          checks={unsaved && preview.shown ? preview.shown.checks : of.checks}
          estimate={count.value && preview.shown ? estimate(count.value, preview.shown.samples) : null}
        />
      </div>
    </div>
  )
}

/** As the server makes it of what stands there, a moment after the last key; `values`: what stood for the placeholders. */
function usePreview(draft: Draft, percent: number) {
  const { post } = useApi()
  const [shown, setShown] = useState<Preview | null>(null)
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [why, setWhy] = useState('')
  const { season, variant, texts, reminds, reminder, offer } = draft
  const asked = usePause(JSON.stringify({ season, variant, texts, reminds, reminder, offer }), AFTER_MS)
  useEffect(() => {
    let old = false
    const said = JSON.parse(asked) as Pick<Draft, 'season' | 'variant' | 'texts' | 'reminds' | 'reminder' | 'offer'>
    const body = {
      season: said.season || null,
      variant: said.variant,
      texts: whole(said.texts),
      reminder: said.reminds ? whole(said.reminder) : {},
      offer_percent: said.offer ? percent : null,
    }
    post<Preview>('campaigns/preview', body).then(
      found => {
        if (old) return
        setWhy('')
        setShown(found)
        const known = found.samples.map(one => learned(said.texts[one.locale] ?? '', one.text))
        setValues(before => Object.assign({}, before, ...known))
      },
      (error: unknown) => !old && setWhy(explain(error)),
    )
    return () => {
      old = true
    }
  }, [post, asked, percent])
  return { shown, values, why }
}

function whole(texts: Texts): Texts {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim() !== ''))
}

function About({ draft, edit, seasons }: OnDraft & { seasons: Seasons | null }) {
  const known = useMemo(() => [...new Map((seasons?.seasons ?? []).map(one => [one.key, one])).values()], [seasons])
  const keys = [...known.map(one => one.key), ...(seasons?.others ?? [])]
  const window = known.find(one => one.key === draft.season)
  return (
    <Block title="What it is for">
      <div className="pair">
        <Field label="Name" hint="For us alone; no recipient reads it.">
          <input value={draft.name} maxLength={120} required onChange={event => edit({ name: event.target.value })} />
        </Field>
        <Field
          label="Season"
          hint={window ? `Send ${span(window.opens, window.closes)}.` : 'Without one it may go out any day.'}
        >
          <select value={draft.season} onChange={event => edit({ season: event.target.value })}>
            <option value="">No season</option>
            {keys.map(key => (
              <option key={key} value={key}>
                {seasonOf(key, known)}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Variant">
          <select value={draft.variant} onChange={event => edit({ variant: event.target.value })}>
            {(seasons?.variants ?? [draft.variant]).map(one => (
              <option key={one} value={one}>
                {variantOf(one)}
              </option>
            ))}
          </select>
        </Field>
      </div>
      {seasons && (draft.variant === 'win_back' || draft.offer) && (
        <label className="check">
          <input type="checkbox" checked={draft.offer} onChange={event => edit({ offer: event.target.checked })} />
          Offer {seasons.win_back_percent} % to those who have been away for {seasons.win_back_months} months
        </label>
      )}
    </Block>
  )
}

interface SaysProps extends OnDraft {
  values: Readonly<Record<string, string>>
  places: readonly string[]
  percent: number
}

function Says({ draft, edit, values, places, percent }: SaysProps) {
  return (
    <Block
      title="What it says"
      words="It must name the business and the way out. Figures come from the business, never typed."
    >
      <Generator draft={draft} edit={edit} percent={percent} />
      {LOCALES.map(locale => (
        <Counted
          key={locale}
          label={LANGUAGE[locale] ?? locale}
          lang={locale}
          text={draft.texts[locale] ?? ''}
          filled={text => filled(text, values)}
          onChange={text => edit({ texts: { ...draft.texts, [locale]: text } })}
        />
      ))}
      <Places names={places} />
    </Block>
  )
}

/** What can be written for each recipient's own; figures of the business aside, for they are many. */
function Places({ names }: { names: readonly string[] }) {
  const figures = names.filter(name => name.includes('.'))
  const own = names.filter(name => !name.includes('.'))
  if (names.length === 0) return null
  return (
    <div className="hint-line">
      <p>
        You can write <Codes names={own} />; each recipient gets their own.
      </p>
      {figures.length > 0 && (
        <details>
          <summary>Figures of the business</summary>
          <p>
            <Codes names={figures} />
          </p>
        </details>
      )}
    </div>
  )
}

function Codes({ names }: { names: readonly string[] }) {
  return names.map((name, at) => (
    <span key={name}>
      {at > 0 && ', '}
      <code>{`{{${name}}}`}</code>
    </span>
  ))
}

function Reminder({ draft, edit, values }: OnDraft & { values: Readonly<Record<string, string>> }) {
  return (
    <Block title="Reminder" words="One, to those who neither answered nor booked nor opted out.">
      <label className="check">
        <input type="checkbox" checked={draft.reminds} onChange={event => edit({ reminds: event.target.checked })} />
        Remind them once
      </label>
      {draft.reminds && (
        <>
          <Field label="Hours later" hint="In their daytime, like the first text.">
            <input
              type="number"
              inputMode="numeric"
              min={1}
              max={336}
              value={draft.after_hours}
              onChange={event => edit({ after_hours: event.target.value })}
            />
          </Field>
          {LOCALES.map(locale => (
            <Counted
              key={locale}
              label={`Reminder, ${LANGUAGE[locale]}`}
              lang={locale}
              rows={3}
              text={draft.reminder[locale] ?? ''}
              filled={text => filled(text, values)}
              onChange={text => edit({ reminder: { ...draft.reminder, [locale]: text } })}
            />
          ))}
        </>
      )}
    </Block>
  )
}

function Timing({ draft, edit }: OnDraft) {
  return (
    <Block title="When" words="By each recipient’s own clock, within the hours in which we may write.">
      <div className="pair">
        <Field label="Day" hint="Empty: the day on which it is started.">
          <input type="date" value={draft.send_on} onChange={event => edit({ send_on: event.target.value })} />
        </Field>
        <Field label="From" hint="Of their day.">
          <input type="time" value={draft.send_from} onChange={event => edit({ send_from: event.target.value })} />
        </Field>
        <Field label="Texts a minute" hint="At most; the account has its own limit.">
          <input
            type="number"
            inputMode="numeric"
            min={1}
            max={10_000}
            value={draft.per_minute}
            onChange={event => edit({ per_minute: event.target.value })}
          />
        </Field>
      </div>
    </Block>
  )
}
