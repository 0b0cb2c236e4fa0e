/** What is to be looked after again, and when. */
import { Done } from '../../design/icons'
import { useNow } from '../hooks'
import { Icon } from '../Icon'
import { Block, Field, Form, SaveBar, Saved } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { due, moment } from '../when'
import type { Complaint, FollowUp, OnComplaint } from './complaints'

export function FollowUps(on: OnComplaint) {
  const { complaint } = on
  const { post } = useApi()
  const saving = useSaving()
  const now = useNow()
  const finish = async (id: string) => {
    const after = await saving.run(() => post<Complaint>(`follow-ups/${id}/done`, {}))
    if (after) on.put(after)
  }
  return (
    <Block title="Follow-ups" words="Staff are reminded once, at the time.">
      {complaint.follow_ups.length === 0 ? (
        <p className="soft">Nothing is planned.</p>
      ) : (
        <ul className="follow-ups">
          {complaint.follow_ups.map(one => (
            <li key={one.id} className={one.done_at ? 'done' : ''}>
              <div>
                <p>{one.what}</p>
                <When one={one} open={complaint.state === 'open'} now={now} />
              </div>
              {!one.done_at && (
                <button
                  type="button"
                  className="button"
                  disabled={saving.at.state === 'saving'}
                  onClick={() => void finish(one.id)}
                >
                  <Icon of={Done} size={16} /> Done<span className="unseen">: {one.what}</span>
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
      {complaint.state === 'open' && <Plan {...on} />}
    </Block>
  )
}

function When({ one, open, now }: { one: FollowUp; open: boolean; now: number }) {
  if (one.done_at) {
    return (
      <p className="small soft">
        Done by {one.done_by ?? 'somebody'}, <time dateTime={one.done_at}>{moment(one.done_at)}</time>
      </p>
    )
  }
  const { text, overdue } = due(one.due_at, now)
  return (
    <p className={`small ${open && overdue ? 'late-follow' : 'soft'}`}>
      <time dateTime={one.due_at}>{text}</time>
    </p>
  )
}

function Plan({ complaint, put }: OnComplaint) {
  const { post } = useApi()
  const saving = useSaving()
  const send = async (data: FormData) => {
    const at = new Date(String(data.get('at') ?? ''))
    const what = String(data.get('what') ?? '').trim()
    if (!what || Number.isNaN(at.getTime())) return
    const body = { what, due_at: at.toISOString() }
    const now = await saving.run(() => post<Complaint>(`complaints/${complaint.id}/follow-ups`, body))
    if (now) put(now)
  }
  return (
    <details>
      <summary>Plan another</summary>
      <Form key={complaint.follow_ups.length} onSend={data => void send(data)}>
        <Field label="What is to be done">
          <input name="what" maxLength={200} required />
        </Field>
        <Field label="When" hint="By your own clock.">
          <input name="at" type="datetime-local" required />
        </Field>
        <SaveBar at={saving.at} label="Plan follow-up" />
      </Form>
    </details>
  )
}
