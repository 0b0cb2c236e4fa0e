import { useRef } from 'react'
import { Dialog } from '../Dialog'
import { Field, Form, SaveBar } from './frame'
import { useSaving } from './loading'
import { grantable, ROLE_WORDS, type WaysIn } from './people'
import { useApi, useSession } from './session'

/** A new account: who, and what they may do. */
export function Invite({ onClose, onInvited }: { onClose(): void; onInvited(ways: WaysIn): void }) {
  const { post } = useApi()
  const { session } = useSession()
  const saving = useSaving()
  const box = useRef<HTMLDivElement>(null)
  const close = () => box.current?.closest('dialog')?.close()
  const send = async (data: FormData) => {
    const given = Object.fromEntries(['email', 'name', 'role'].map(name => [name, String(data.get(name) ?? '').trim()]))
    const ways = await saving.run(() => post<WaysIn>('staff', given))
    if (!ways) return
    close()
    onInvited(ways)
  }
  return (
    <Dialog title="Invite a colleague" onClose={onClose}>
      <div ref={box}>
        <Form onSend={data => void send(data)}>
          <Field label="Name" hint="Customers read it when they answer.">
            <input name="name" maxLength={80} autoComplete="off" required />
          </Field>
          <Field label="E-mail">
            <input name="email" type="email" autoComplete="off" required />
          </Field>
          <fieldset className="choices">
            <legend>Role</legend>
            {grantable(session.staff.role).map(role => (
              <label key={role} className="choice">
                <input type="radio" name="role" value={role} defaultChecked={role === 'agent'} />
                <span>
                  <strong>{ROLE_WORDS[role].name}</strong>
                  <span className="soft small">{ROLE_WORDS[role].may}</span>
                </span>
              </label>
            ))}
          </fieldset>
          <SaveBar at={saving.at} label="Invite">
            <button type="button" className="button quiet" onClick={close}>
              Cancel
            </button>
          </SaveBar>
        </Form>
      </div>
    </Dialog>
  )
}
