/** A document's title, language, readers, and its text where it is Markdown. */
import { Dialog } from '../Dialog'
import { Field, Form, SaveBar } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { For, given, PLACEHOLDERS } from './Adding'
import type { Line, Whole } from './knowledge'

interface Props {
  whole: Whole
  onDone(): void
  onClose(): void
}

export function Change({ whole: { document: line, text }, onDone, onClose }: Props) {
  const { patch } = useApi()
  const saving = useSaving()
  const before: Record<string, string> = { title: line.title, language: line.language, audience: line.audience, text }
  const send = async (data: FormData) => {
    const filled = Object.entries(given(data, 'title', 'language', 'audience', 'text'))
    const changed = filled.filter(([name, value]) => value !== before[name])
    if (changed.length === 0) return onDone()
    if (await saving.run(() => patch<Line>(`documents/${line.id}`, Object.fromEntries(changed)))) onDone()
  }
  return (
    <Dialog title="Change document" onClose={onClose}>
      <Form className="settings-form knowledge-write" onSend={data => void send(data)}>
        <Field label="Title">
          <input name="title" required maxLength={200} defaultValue={line.title} />
        </Field>
        {line.kind === 'markdown' && (
          <Field label="Text" hint={PLACEHOLDERS}>
            <textarea name="text" rows={12} required defaultValue={text} />
          </Field>
        )}
        <For language={line.language} audience={line.audience} />
        <SaveBar at={saving.at}>
          <button type="button" className="button quiet" onClick={onClose}>
            Cancel
          </button>
        </SaveBar>
      </Form>
    </Dialog>
  )
}
