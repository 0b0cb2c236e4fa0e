import { useCallback, useState } from 'react'
import type * as api from '../api'
import { Block, Field, Form, Here, Page, SaveBar, Saved } from './frame'
import { useLoaded, useSaving } from './loading'
import { type Colleague, ROLE_WORDS } from './people'
import { useApi, useSession } from './session'

/** One's own name, password and sessions. */
export default function Account() {
  const { get } = useApi()
  const { session } = useSession()
  const load = useCallback(() => get<{ items: Colleague[] }>('staff'), [get])
  const staff = useLoaded(load)
  return (
    <Page title="Your account" words="How customers and colleagues see you, and how you get in.">
      <Here of={staff}>
        {({ items }) => {
          const me = items.find(one => one.id === session.staff.id)
          if (!me) return null
          return (
            <>
              <Name me={me} />
              <Password first={me.must_change} />
            </>
          )
        }}
      </Here>
      <Sessions />
    </Page>
  )
}

function Name({ me }: { me: Colleague }) {
  const { patch } = useApi()
  const { session, onSession } = useSession()
  const saving = useSaving()
  const [name, setName] = useState(me.name)
  const send = async () => {
    const staff = await saving.run(() => patch<api.Session['staff']>('account', { name }))
    if (!staff) return
    setName(staff.name)
    onSession({ ...session, staff })
  }
  return (
    <Block title="Name" words={`${me.email} · ${ROLE_WORDS[me.role].name}`}>
      <Form onSend={() => void send()}>
        <Field label="Your name" hint="Customers read it when you answer them: “Dana joined”.">
          <input
            name="name"
            value={name}
            autoComplete="name"
            maxLength={80}
            required
            onChange={e => {
              setName(e.target.value)
              saving.touched()
            }}
          />
        </Field>
        <SaveBar at={saving.at} label="Save the name" disabled={name === session.staff.name} />
      </Form>
    </Block>
  )
}

/** `first`: whoever came by a link has none of their own to show. */
function Password({ first: atFirst }: { first: boolean }) {
  const { post } = useApi()
  const saving = useSaving()
  const [first, setFirst] = useState(atFirst)
  const [typed, setTyped] = useState({ current: '', password: '' })
  const field = (which: keyof typeof typed) => ({
    name: which,
    type: 'password',
    required: true,
    value: typed[which],
    onChange: (e: { target: HTMLInputElement }) => {
      setTyped({ ...typed, [which]: e.target.value })
      saving.touched()
    },
  })
  const send = async () => {
    const given = first ? { password: typed.password } : typed
    if (!(await saving.run(() => post('password', given)))) return
    setTyped({ current: '', password: '' })
    setFirst(false)
  }
  return (
    <Block
      title="Password"
      words={first ? 'You came by a link: choose one for the next time.' : 'A new one ends your sessions elsewhere.'}
    >
      <Form onSend={() => void send()}>
        <div className="pair">
          {!first && (
            <Field label="Present password">
              <input {...field('current')} autoComplete="current-password" />
            </Field>
          )}
          <Field label="New password" hint="At least 10 characters; a short sentence is a good one.">
            <input {...field('password')} autoComplete="new-password" minLength={10} />
          </Field>
        </div>
        <SaveBar at={saving.at} label={first ? 'Choose the password' : 'Change the password'} />
      </Form>
    </Block>
  )
}

function Sessions() {
  const { post } = useApi()
  const { onEnded } = useSession()
  const saving = useSaving()
  const send = async () => {
    if (await saving.run(() => post('logout', { everywhere: true }))) onEnded()
  }
  return (
    <Block title="Sessions" words="Lost a phone, or left a browser open somewhere?">
      <div className="save-bar">
        <button type="button" className="button" disabled={saving.at.state === 'saving'} onClick={() => void send()}>
          Sign out everywhere
        </button>
        <Saved at={saving.at} />
      </div>
    </Block>
  )
}
