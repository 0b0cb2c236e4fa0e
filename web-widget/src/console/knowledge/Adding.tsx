/** A page by its address, and a document that is written here. */
import { useState } from 'react'
import { newId } from '../../protocol/ids'
import { Dialog } from '../Dialog'
import { Field, Form, SaveBar } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { AUDIENCE, begunFor, LANGUAGES, type Line } from './knowledge'

interface AddProps {
  onDone(line: Line): void
  onClose(): void
}

export function AddPage({ onDone, onClose }: AddProps) {
  const { post } = useApi()
  const saving = useSaving()
  const [id] = useState(newId)
  const send = async (data: FormData) => {
    const line = await saving.run(() =>
      post<Line>('documents', { id, ...given(data, 'address', 'language', 'audience') }),
    )
    if (line) onDone(line)
  }
  return (
    <Dialog title="Add a page" onClose={onClose}>
      <Form onSend={data => void send(data)}>
        <Field label="Address" hint="A page that anybody can open. It is read once, and again when you say so.">
          <input name="address" type="url" required maxLength={2000} placeholder="https://www.example.com/faq" />
        </Field>
        <For />
        <Way at={saving.at} label="Add page" onClose={onClose} />
      </Form>
    </Dialog>
  )
}

interface WriteProps extends AddProps {
  /** The question that it answers. */
  question?: { id: string; question: string; language: string } | undefined
}

export function Write({ question, onDone, onClose }: WriteProps) {
  const { post } = useApi()
  const saving = useSaving()
  const [id] = useState(newId)
  const send = async (data: FormData) => {
    const body = {
      id,
      ...given(data, 'title', 'text', 'language', 'audience'),
      ...(question ? { question: question.id } : {}),
    }
    const line = await saving.run(() => post<Line>('documents', body))
    if (line) onDone(line)
  }
  return (
    <Dialog title={question ? 'Write the answer' : 'Write a document'} onClose={onClose}>
      <Form className="settings-form knowledge-write" onSend={data => void send(data)}>
        <Field label="Title">
          <input name="title" required maxLength={200} defaultValue={question?.question.slice(0, 200)} />
        </Field>
        <Field label="Text" hint={PLACEHOLDERS}>
          <textarea name="text" rows={10} required defaultValue={question ? begunFor(question.question) : ''} />
        </Field>
        <For language={question?.language} />
        <Way at={saving.at} label="Save" onClose={onClose} />
      </Form>
    </Dialog>
  )
}

/** Said wherever a document is written. */
export const PLACEHOLDERS = (
  <>
    Markdown. Write figures as <code>{'{{profile.prices.adult}}'}</code>: they are filled in from the profile whenever
    it is read, and never go stale.
  </>
)

interface ForProps {
  language?: string | undefined
  audience?: string
  label?: string
  names?: Readonly<Record<string, string>>
}

export function For({ language = 'en', audience = 'everyone', label = 'For', names = AUDIENCE }: ForProps) {
  return (
    <div className="pair">
      <Field label="Language">
        <select name="language" defaultValue={language}>
          {LANGUAGES.map(([key, name]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
      </Field>
      <Field label={label}>
        <select name="audience" defaultValue={audience}>
          {Object.entries(names).map(([key, name]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
      </Field>
    </div>
  )
}

function Way({ at, label, onClose }: { at: ReturnType<typeof useSaving>['at']; label: string; onClose(): void }) {
  return (
    <SaveBar at={at} label={label}>
      <button type="button" className="button quiet" onClick={onClose}>
        Cancel
      </button>
    </SaveBar>
  )
}

/** Of a form's fields those that were filled in. */
export function given(data: FormData, ...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map(name => [name, String(data.get(name) ?? '')]).filter(([, value]) => value !== ''))
}
