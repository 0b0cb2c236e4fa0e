import { useCallback, useState } from 'react'
import { AddIcon } from '../../design/icons'
import { useNow } from '../hooks'
import { Icon } from '../Icon'
import { moment } from '../when'
import { Here, Page } from './frame'
import { Invite } from './Invite'
import { useLoaded } from './loading'
import { byName, type Colleague, inReach, lastSeen, ROLE_WORDS, type WaysIn } from './people'
import { StaffMenu } from './StaffMenu'
import { useApi, useSession } from './session'
import './staff.css'
import { WaysInDialog } from './WaysInDialog'

/** Who works here, and what each may do. */
export default function Staff() {
  const { get } = useApi()
  const { session } = useSession()
  const load = useCallback(() => get<{ items: Colleague[] }>('staff').then(answer => answer.items), [get])
  const staff = useLoaded(load)
  const [inviting, setInviting] = useState(false)
  const [told, setTold] = useState<WaysIn | null>(null)
  const now = useNow(60_000)
  const changed = (one: Colleague) => staff.change(all => all.map(other => (other.id === one.id ? one : other)))
  const tell = (ways: WaysIn) => {
    setTold(ways)
    staff.again()
  }
  return (
    <Page
      title="Staff and roles"
      words="Who signs in to this console, and what each may do."
      action={
        <button type="button" className="button primary" onClick={() => setInviting(true)}>
          <Icon of={AddIcon} size={16} /> Invite a colleague
        </button>
      }
    >
      <Here of={staff}>
        {all => (
          <ul className="people">
            {byName(all).map(one => (
              <li key={one.id} className={`person-row ${one.disabled ? 'off' : ''}`}>
                <span className="initial" aria-hidden="true">
                  {one.name.slice(0, 1).toUpperCase()}
                </span>
                <div className="person-who">
                  <p className="line">
                    <strong>{one.name}</strong>
                    {one.id === session.staff.id && <span className="chip">you</span>}
                    {one.must_change && !one.disabled && <span className="chip">invited</span>}
                    {one.disabled && <span className="chip">deactivated</span>}
                  </p>
                  <p className="soft small">{one.email}</p>
                </div>
                <p className="person-role" title={ROLE_WORDS[one.role].may}>
                  {ROLE_WORDS[one.role].name}
                </p>
                <p className="person-seen soft small">
                  <span className="unseen">Last here: </span>
                  {lastSeen(one, now, moment)}
                </p>
                {inReach(session.staff, one) ? (
                  <StaffMenu one={one} onChanged={changed} onReset={tell} />
                ) : (
                  <span className="menu-room" />
                )}
              </li>
            ))}
          </ul>
        )}
      </Here>
      <p className="soft small">
        {Object.values(ROLE_WORDS)
          .map(({ name, may }) => `${name}: ${may.slice(0, 1).toLowerCase()}${may.slice(1)}.`)
          .join(' ')}
      </p>
      {inviting && <Invite onClose={() => setInviting(false)} onInvited={tell} />}
      {told && <WaysInDialog ways={told} onClose={() => setTold(null)} />}
    </Page>
  )
}
