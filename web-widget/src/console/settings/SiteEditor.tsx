import { useState } from 'react'
import { strings } from '../../widget/strings'
import { Block, Field, Form, Page, SaveBar } from './frame'
import { useSaving } from './loading'
import { OnPages } from './OnPages'
import { Shown } from './Shown'
import { useApi } from './session'
import { asked, COLOURS, changes, coloured, type Draft, draftOf, QUESTIONS, type Site, swatch } from './site'

interface Props {
  site: Site
  back: { href: string; label: string }
  onChanged(site: Site): void
}

/** One site: what it is called and who may open it, how it looks, what it asks; the line for its pages; its secret. */
export function SiteEditor({ site, back, onChanged }: Props) {
  const { patch } = useApi()
  const saving = useSaving()
  const [draft, setDraft] = useState(() => draftOf(site))
  const patching = changes(site, draft)
  const edit = (change: Partial<Draft>) => {
    saving.touched()
    setDraft(before => ({ ...before, ...change }))
  }
  const send = async () => {
    if (!patching) return
    const saved = await saving.run(() => patch<Site>(`sites/${site.key}`, patching))
    if (!saved) return
    onChanged(saved)
    setDraft(draftOf(saved))
  }
  return (
    <Page
      title={site.name}
      words={`Site ${site.key}. What you save counts everywhere within five seconds.`}
      back={back}
    >
      <Form className={`site-form wide-page ${patching ? 'changed' : ''}`} onSend={() => void send()}>
        <General site={site} draft={draft} onEdit={edit} />
        <Colours draft={draft} onDraft={edit} />
        <Shown site={site} draft={draft} />
        <Words draft={draft} onEdit={edit} />
        <Questions draft={draft} onEdit={edit} />
        <SaveBar at={saving.at} label="Save the site" disabled={patching === null}>
          {patching && (
            <button type="button" className="button quiet" onClick={() => edit(draftOf(site))}>
              Discard
            </button>
          )}
        </SaveBar>
      </Form>
      <OnPages site={site} />
    </Page>
  )
}

const LANGUAGES = [
  ['en', 'English'],
  ['es', 'Spanish'],
] as const

interface Part {
  draft: Draft
  onEdit(change: Partial<Draft>): void
}

function General({ site, draft, onEdit }: Part & { site: Site }) {
  return (
    <Block title="Name and origins">
      <Field label="Name" hint="Only staff read it; visitors read the business’s name.">
        <input value={draft.name} maxLength={80} required onChange={e => onEdit({ name: e.target.value })} />
      </Field>
      <Field
        label="Origins"
        hint={
          <>
            Scheme and host, one a line, like https://www.example.com. No other page can open the chat
            {site.allow_own_origin && ', but for this install’s own pages'}.
          </>
        }
      >
        <textarea
          rows={Math.max(2, draft.origins.split('\n').length)}
          value={draft.origins}
          spellCheck={false}
          onChange={e => onEdit({ origins: e.target.value })}
        />
      </Field>
    </Block>
  )
}

function Colours({ draft, onDraft }: { draft: Draft; onDraft(change: Partial<Draft>): void }) {
  const set = (property: string, value: string) => onDraft(coloured(draft, property, value))
  return (
    <Block
      title="Colours"
      words="Text on them is chosen to be read, and in the dark they are lightened until they are."
    >
      {COLOURS.map(([property, label]) => (
        <fieldset key={property} className="colour">
          <legend>{label}</legend>
          <input
            type="color"
            aria-label={`${label}: choose`}
            value={swatch(draft.theme[property], property)}
            onChange={e => set(property, e.target.value)}
          />
          <input
            aria-label={`${label}: as hex`}
            value={draft.theme[property] ?? ''}
            placeholder="As the business"
            pattern="#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})"
            title="Like #c2410c"
            spellCheck={false}
            onChange={e => set(property, e.target.value)}
          />
          {draft.theme[property] !== undefined && (
            <button type="button" className="button quiet" onClick={() => set(property, '')}>
              Reset<span className="unseen"> {label}</span>
            </button>
          )}
        </fieldset>
      ))}
    </Block>
  )
}

function Words({ draft, onEdit }: Part) {
  const set = (language: 'en' | 'es', words: string) => onEdit({ greeting: { ...draft.greeting, [language]: words } })
  return (
    <Block
      title="Greeting"
      words="The first words in the chat, and above its button eight seconds after the page. Empty: the usual ones."
    >
      {LANGUAGES.map(([language, label]) => (
        <Field key={language} label={`Greeting in ${label}`}>
          <input
            lang={language}
            value={draft.greeting[language] ?? ''}
            maxLength={120}
            placeholder={strings(language).greeting}
            onChange={e => set(language, e.target.value)}
          />
        </Field>
      ))}
    </Block>
  )
}

function Questions({ draft, onEdit }: Part) {
  return (
    <Block
      title="Questions"
      words="Asked for after the first message, never before one may write. With none, it does not ask."
    >
      <div className="checks">
        {QUESTIONS.map(([name, label]) => (
          <label key={name} className="check">
            <input
              type="checkbox"
              checked={draft.ask.includes(name)}
              onChange={e => onEdit({ ask: asked(draft.ask, name, e.target.checked) })}
            />
            {label}
          </label>
        ))}
      </div>
    </Block>
  )
}
