import { useState } from 'react'
import { Dialog } from '../Dialog'
import { Field, Form, SaveBar, Saved } from './frame'
import { useSaving } from './loading'
import { type Colleague, grantable, ROLE_WORDS, type WaysIn } from './people'
import { useApi, useSession } from './session'

interface Props {
  one: Colleague
  onChanged(one: Colleague): void
  onReset(ways: WaysIn): void
}

/** What can be done to a colleague's account: name and role, a new password, deactivate or reactivate. */
export function StaffMenu({ one, onChanged, onReset }: Props) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        Manage<span className="unseen"> {one.name}</span>
      </button>
      {open && (
        <Dialog title={`${one.name}’s account`} onClose={() => setOpen(false)}>
          <NameAndRole one={one} onChanged={onChanged} />
          <Access
            one={one}
            onChanged={onChanged}
            onReset={ways => {
              setOpen(false)
              onReset(ways)
            }}
          />
          <form method="dialog" className="actions">
            <button type="submit" className="button">
              Close
            </button>
          </form>
        </Dialog>
      )}
    </>
  )
}

function NameAndRole({ one, onChanged }: Omit<Props, 'onReset'>) {
  const { patch } = useApi()
  const { session } = useSession()
  const saving = useSaving()
  const send = async (data: FormData) => {
    const given = { name: String(data.get('name')), role: String(data.get('role')) }
    const answer = await saving.run(() => patch<Colleague>(`staff/${one.id}`, given))
    if (answer) onChanged(answer)
  }
  return (
    <Form onSend={data => void send(data)}>
      <div className="pair">
        <Field label="Name">
          <input name="name" defaultValue={one.name} maxLength={80} required onChange={saving.touched} />
        </Field>
        <Field label="Role">
          <select name="role" defaultValue={one.role} onChange={saving.touched}>
            {grantable(session.staff.role).map(role => (
              <option key={role} value={role}>
                {ROLE_WORDS[role].name}
              </option>
            ))}
          </select>
        </Field>
      </div>
      <SaveBar at={saving.at} />
    </Form>
  )
}

function Access({ one, onChanged, onReset }: Props) {
  const { patch, post } = useApi()
  const saving = useSaving()
  const busy = saving.at.state === 'saving'
  const reset = async () => {
    const ways = await saving.run(() => post<WaysIn>(`staff/${one.id}/reset`, {}))
    if (ways) onReset(ways)
  }
  const access = async (disabled: boolean) => {
    const answer = await saving.run(() => patch<Colleague>(`staff/${one.id}`, { disabled }))
    if (answer) onChanged(answer)
  }
  return (
    <section className="access" aria-label="Access">
      <h3>Access</h3>
      <p className="soft small">
        {one.disabled
          ? 'Nobody gets in with this account. What they wrote stays.'
          : 'Either ends their sessions at once, in every browser. What they wrote stays.'}
      </p>
      <div className="actions start">
        {one.disabled ? (
          <button type="button" className="button" disabled={busy} onClick={() => void access(false)}>
            Reactivate
          </button>
        ) : (
          <>
            <button type="button" className="button" disabled={busy} onClick={() => void reset()}>
              Reset the password
            </button>
            <button type="button" className="button danger" disabled={busy} onClick={() => void access(true)}>
              Deactivate
            </button>
          </>
        )}
        <Saved at={saving.at} />
      </div>
    </section>
  )
}
