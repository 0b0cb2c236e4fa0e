import { useRef } from 'react'
import { Field, Form, SaveBar } from './frame'
import { useSaving } from './loading'
import { useApi } from './session'
import type { Webhook } from './webhooks'

interface Props {
  events: readonly string[]
  /** Changed where it is there; else a new one is made, in a dialog. */
  hook?: Webhook
  onDone(hook: Webhook): void
}

/** Where events go, and which. */
export function WebhookForm({ events, hook, onDone }: Props) {
  const { post, patch } = useApi()
  const saving = useSaving()
  const box = useRef<HTMLDivElement>(null)
  const send = async (data: FormData) => {
    const given = {
      url: String(data.get('url') ?? '').trim(),
      description: String(data.get('description') ?? ''),
      events: data.getAll('events').map(String),
    }
    const answer = await saving.run(() =>
      hook ? patch<Webhook>(`webhooks/${hook.id}`, given) : post<Webhook>('webhooks', given),
    )
    if (answer) onDone(answer)
  }
  return (
    <div ref={box}>
      <Form onSend={data => void send(data)}>
        <Field label="Address" hint="Public, and better with https.">
          <input
            name="url"
            type="url"
            inputMode="url"
            defaultValue={hook?.url}
            placeholder="https://example.com/hooks"
            autoComplete="off"
            required
            onChange={saving.touched}
          />
        </Field>
        <Field label="Description" hint="Only staff read it.">
          <input
            name="description"
            defaultValue={hook?.description}
            maxLength={200}
            autoComplete="off"
            onChange={saving.touched}
          />
        </Field>
        <fieldset className="events">
          <legend>Events</legend>
          {events.map(event => (
            <label key={event} className="check">
              <input
                type="checkbox"
                name="events"
                value={event}
                defaultChecked={hook ? hook.events.includes(event) : true}
                onChange={saving.touched}
              />
              {event}
            </label>
          ))}
        </fieldset>
        <SaveBar at={saving.at} label={hook ? 'Save' : 'Add the webhook'}>
          {!hook && (
            <button type="button" className="button quiet" onClick={() => box.current?.closest('dialog')?.close()}>
              Cancel
            </button>
          )}
        </SaveBar>
      </Form>
    </div>
  )
}
