/** One text in one language: its subject and body, how it looks, what is wrong with it, its versions, and a test to oneself. */
import { useCallback, useRef, useState } from 'react'
import { ApiError } from '../../api'
import { moment } from '../../when'
import { Block, Field, Form, Here, Page, Saved } from '../frame'
import { type Resource, useLoaded, useSaving } from '../loading'
import { explain, useApi } from '../session'
import { type EmailState, LANGUAGES, placeOf, stateOf, type Text, type TextFault, textName } from './emails'
import { Looked } from './Looked'

export function Editor({ item }: { item: string }) {
  const { get } = useApi()
  const name = textName(item)
  const load = useCallback(() => get<Text>(`email-templates/${name}`), [get, name])
  const text = useLoaded(load)
  return (
    <Page
      title={text.value?.title ?? 'E-mail text'}
      words={
        text.value
          ? `${LANGUAGES[text.value.locale] ?? text.value.locale}. What you save counts from the next e-mail on.`
          : 'One moment'
      }
      back={{ href: '#/settings/email-texts', label: 'E-mail texts' }}
    >
      <Here of={text}>{value => <Editing key={value.newest} name={name} text={value} of={text} />}</Here>
    </Page>
  )
}

interface Editing {
  name: string
  text: Text
  of: Resource<Text>
}

function Editing({ name, text, of }: Editing) {
  const { get, put, post } = useApi()
  const [draft, setDraft] = useState({ subject: text.subject, body: text.body })
  const [faults, setFaults] = useState<readonly TextFault[]>([])
  const saving = useSaving()
  const [said, setSaid] = useState('')
  const area = useRef<HTMLTextAreaElement>(null)
  const changed = draft.subject !== text.subject || draft.body !== text.body
  const edit = (part: Partial<typeof draft>) => {
    setDraft(all => ({ ...all, ...part }))
    saving.touched()
    setSaid('')
  }
  const save = async (content: typeof draft | null) => {
    const answer = await saving.run(() =>
      put<{ version: number }>(`email-templates/${name}`, { ...content, based_on: text.newest }),
    )
    if (answer) of.again()
  }
  const test = async () => {
    try {
      const sent = await post<{ state: EmailState; to: string }>(`email-templates/${name}/test`, draft)
      setSaid(`To ${sent.to}: ${stateOf(sent.state).toLowerCase()}. It stands among the e-mails.`)
    } catch (error) {
      setSaid(error instanceof ApiError && error.details.faults ? 'First mend what is wrong with it.' : explain(error))
    }
  }
  const show = async (version: number) => {
    try {
      const old = await get<Text>(`email-templates/${name}?version=${version}`)
      edit({ subject: old.subject, body: old.body })
    } catch (error) {
      setSaid(explain(error))
    }
  }
  const goTo = (line: number) => {
    area.current?.focus()
    area.current?.setSelectionRange(...placeOf(draft.body, line))
  }
  return (
    <>
      <Form onSend={() => void save(draft)}>
        <Field label="Subject">
          <input value={draft.subject} maxLength={200} onChange={event => edit({ subject: event.target.value })} />
        </Field>
        <Field label="Body" hint={<Hint text={text} />}>
          <textarea
            ref={area}
            className="text-body"
            rows={18}
            spellCheck={false}
            value={draft.body}
            onChange={event => edit({ body: event.target.value })}
          />
        </Field>
        <Wrong faults={faults} onLine={goTo} />
        <div className="save-bar">
          <button
            type="submit"
            className="button primary"
            disabled={!changed || faults.length > 0 || saving.at.state === 'saving'}
          >
            Save
          </button>
          <button type="button" className="button" disabled={faults.length > 0} onClick={() => void test()}>
            Send a test to me
          </button>
          <Saved at={saving.at} />
          <span role="status" className="soft small">
            {said}
          </span>
        </div>
      </Form>
      <Looked name={name} draft={draft} onFaults={setFaults} />
      <Versions text={text} onShow={version => void show(version)} onShipped={() => void save(null)} />
    </>
  )
}

function Hint({ text }: { text: Text }) {
  return (
    <>
      Blocks: <code>mj-text</code>, <code>mj-button</code>, <code>mj-table</code>, <code>mj-divider</code>. Values:{' '}
      {text.names.map(one => `{{ ${one} }}`).join(', ')}. Forms: {text.filters.map(one => `|${one}`).join(' ')}.
    </>
  )
}

/** What is wrong, each with its line, which a click goes to. */
function Wrong({ faults, onLine }: { faults: readonly TextFault[]; onLine(line: number): void }) {
  return (
    <div role="status" className="text-faults">
      {faults.length > 0 && (
        <ul>
          {faults.map(({ line, message }) => (
            <li key={`${line}${message}`} className="fault">
              {line === 0 ? (
                'Subject: '
              ) : (
                <button type="button" className="text-line" onClick={() => onLine(line)}>
                  Line {line}
                </button>
              )}{' '}
              {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

interface VersionsFrame {
  text: Text
  onShow(version: number): void
  onShipped(): void
}

function Versions({ text, onShow, onShipped }: VersionsFrame) {
  const newest = text.versions[0]
  const isShipped = !newest || newest.shipped
  return (
    <Block title="Versions" words="Every save is kept. Show one, then save it to go back to it.">
      <ul className="text-versions">
        {text.versions.map(one => (
          <li key={one.version}>
            <span>
              {one.shipped ? 'Back to the one that ships' : `Version ${one.version}`}
              <span className="soft small">
                {' '}
                {one.by ? `${one.by}, ` : ''}
                <time dateTime={one.created_at}>{moment(one.created_at)}</time>
              </span>
            </span>
            {!one.shipped && (
              <button type="button" className="button" onClick={() => onShow(one.version)}>
                Show<span className="unseen"> version {one.version}</span>
              </button>
            )}
          </li>
        ))}
        <li>
          <span>The one that ships{isShipped && <span className="soft small"> counts now</span>}</span>
          <span className="save-bar">
            <button type="button" className="button" onClick={() => onShow(0)}>
              Show<span className="unseen"> the one that ships</span>
            </button>
            {!isShipped && (
              <button type="button" className="button" onClick={onShipped}>
                Use it again
              </button>
            )}
          </span>
        </li>
      </ul>
    </Block>
  )
}
