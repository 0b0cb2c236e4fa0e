/** Settling a complaint with what was done, and opening it again. */
import { useId } from 'react'
import { Block, Field, Form, SaveBar, Saved } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { moment } from '../when'
import type { Complaint, OnComplaint } from './complaints'

export function Settle(on: OnComplaint) {
  const { complaint, chief } = on
  if (complaint.state === 'resolved') return <Settled {...on} />
  if (!chief) {
    return (
      <Block title="Settle">
        <p className="soft">An owner or an admin settles complaints. Write a note with what they should know.</p>
      </Block>
    )
  }
  return <Open {...on} />
}

function Open({ complaint, put }: OnComplaint) {
  const { post } = useApi()
  const saving = useSaving()
  const send = async (data: FormData) => {
    const body = { resolution: String(data.get('resolution') ?? '').trim(), tell: data.get('tell') === 'on' }
    if (!body.resolution) return
    const now = await saving.run(() => post<Complaint>(`complaints/${complaint.id}/resolve`, body))
    if (now) put(now)
  }
  const check = useId()
  return (
    <Block title="Settle" words="Say what was done. The customer reads it as you write it.">
      <Form onSend={data => void send(data)}>
        <Field label="What was done">
          <textarea name="resolution" rows={4} maxLength={2000} required />
        </Field>
        {complaint.email ? (
          <label className="check" htmlFor={check}>
            <input id={check} type="checkbox" name="tell" defaultChecked />
            Send it to {complaint.email}
          </label>
        ) : (
          <p className="soft small">No e-mail address is known: tell them in the conversation.</p>
        )}
        <SaveBar at={saving.at} label="Settle complaint" />
      </Form>
    </Block>
  )
}

function Settled({ complaint, chief, put }: OnComplaint) {
  const { post } = useApi()
  const saving = useSaving()
  const reopen = async () => {
    const now = await saving.run(() => post<Complaint>(`complaints/${complaint.id}/reopen`, {}))
    if (now) put(now)
  }
  return (
    <Block title="Settled">
      <p className="plain">{complaint.resolution}</p>
      <p className="soft small">
        {complaint.resolved_by ?? 'Somebody'}, {complaint.resolved_at && moment(complaint.resolved_at)}
      </p>
      {chief && (
        <div className="save-bar">
          <button
            type="button"
            className="button"
            disabled={saving.at.state === 'saving'}
            onClick={() => void reopen()}
          >
            Open again
          </button>
          {saving.at.state === 'failed' && <Saved at={saving.at} />}
        </div>
      )}
    </Block>
  )
}
