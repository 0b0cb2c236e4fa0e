import { useCallback, useRef, useState } from 'react'
import { AddIcon } from '../../design/icons'
import { Dialog } from '../Dialog'
import { Icon } from '../Icon'
import { Sure } from '../Sure'
import { moment } from '../when'
import { Copyable, Field, Form, Here, Page, SaveBar } from './frame'
import { useLoaded, useSaving } from './loading'
import { useApi } from './session'
import { type ApiToken, SCOPES } from './webhooks'
import './webhooks.css'

const LIVES: readonly (readonly [string, string])[] = [
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'A year'],
  ['', 'Until it is revoked'],
]

/** The programs that may ask over HTTP. */
export default function Tokens() {
  const { get } = useApi()
  const load = useCallback(() => get<{ items: ApiToken[] }>('tokens').then(answer => answer.items), [get])
  const tokens = useLoaded(load)
  const [making, setMaking] = useState(false)
  const [made, setMade] = useState<ApiToken | null>(null)
  return (
    <Page
      title="API tokens"
      words={
        <>
          Each lets one program ask in the name of whoever made it. What can be asked is written at{' '}
          <a href="/api/openapi.json">/api/openapi.json</a>.
        </>
      }
      action={
        <button type="button" className="button primary" onClick={() => setMaking(true)}>
          <Icon of={AddIcon} size={16} /> Make a token
        </button>
      }
    >
      <Here
        of={tokens}
        empty={{
          when: all => all.length === 0,
          words: 'Make a token for a program of yours: it reads conversations, writes notes, or looks after webhooks.',
        }}
      >
        {all => (
          <ul className="hooks">
            {all.map(one => (
              <Row key={one.id} one={one} onRevoked={() => tokens.change(kept => kept.filter(o => o.id !== one.id))} />
            ))}
          </ul>
        )}
      </Here>
      {making && (
        <Dialog title="Make a token" onClose={() => setMaking(false)}>
          <Make
            onMade={token => {
              setMaking(false)
              setMade(token)
              tokens.again()
            }}
          />
        </Dialog>
      )}
      {made && (
        <Dialog title={`The token of ${made.name}`} onClose={() => setMade(null)}>
          <p className="soft">Whoever has it can do what it may do. It is shown once, here and now.</p>
          <div className="copies">
            <Copyable label="API token" text={made.token ?? ''} />
          </div>
          <form method="dialog" className="actions">
            <button type="submit" className="button primary">
              I have kept it
            </button>
          </form>
        </Dialog>
      )}
    </Page>
  )
}

function Row({ one, onRevoked }: { one: ApiToken; onRevoked(): void }) {
  const [asking, setAsking] = useState(false)
  const over = one.expires_at !== undefined && Date.parse(one.expires_at) <= Date.now()
  const used = one.last_used_at ? `last used ${moment(one.last_used_at)}` : 'never used'
  const until = one.expires_at ? `${over ? 'over since' : 'until'} ${moment(one.expires_at)}` : 'without an end'
  return (
    <li className="hook-row">
      <span className="hook-what">
        <strong>{one.name}</strong>
        <span className="soft small">
          <code>{one.begins}…</code> {one.scopes.join(', ')}
        </span>
        <span className="soft small">
          {one.staff_name}, {used}, {until}
        </span>
      </span>
      {over && <span className="chip bad">over</span>}
      <button type="button" className="button danger" onClick={() => setAsking(true)}>
        Revoke<span className="unseen"> {one.name}</span>
      </button>
      {asking && <Revoke one={one} onClose={() => setAsking(false)} onRevoked={onRevoked} />}
    </li>
  )
}

function Revoke({ one, onClose, onRevoked }: { one: ApiToken; onClose(): void; onRevoked(): void }) {
  const { remove } = useApi()
  const saving = useSaving()
  const revoke = async () => {
    if (await saving.run(() => remove(`tokens/${one.id}`))) onRevoked()
  }
  return (
    <Sure
      title={`Revoke ${one.name}?`}
      deed="Revoke"
      danger
      leave="Keep it"
      at={saving.at}
      onSure={() => void revoke()}
      onClose={onClose}
    >
      <p className="soft">The program that uses it is refused from now on. A token cannot be brought back.</p>
    </Sure>
  )
}

function Make({ onMade }: { onMade(token: ApiToken): void }) {
  const { post } = useApi()
  const saving = useSaving()
  const box = useRef<HTMLDivElement>(null)
  const send = async (data: FormData) => {
    const days = String(data.get('days') ?? '')
    const given = { name: String(data.get('name') ?? ''), scopes: data.getAll('scopes').map(String) }
    const token = await saving.run(() => post<ApiToken>('tokens', days ? { ...given, days: Number(days) } : given))
    if (token) onMade(token)
  }
  return (
    <div ref={box}>
      <Form onSend={data => void send(data)}>
        <Field label="Name" hint="Which program it is for.">
          <input name="name" maxLength={80} autoComplete="off" required />
        </Field>
        <fieldset className="events scopes">
          <legend>It may</legend>
          {SCOPES.map(([scope, name, may]) => (
            <label key={scope} className="check">
              <input type="checkbox" name="scopes" value={scope} defaultChecked={scope === 'read'} />
              <span>
                <strong>{name}</strong>
                <span className="soft small">{may}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <Field label="Good for">
          <select name="days" defaultValue="90">
            {LIVES.map(([days, words]) => (
              <option key={days} value={days}>
                {words}
              </option>
            ))}
          </select>
        </Field>
        <SaveBar at={saving.at} label="Make the token">
          <button type="button" className="button quiet" onClick={() => box.current?.closest('dialog')?.close()}>
            Cancel
          </button>
        </SaveBar>
      </Form>
    </div>
  )
}
