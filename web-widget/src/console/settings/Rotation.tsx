/** Taking turns: who gets the next customer that asks for a person. */
import { useCallback, useState } from 'react'
import { Block, Field, Form, Here, Page, SaveBar, Saved } from './frame'
import { type Resource, useLoaded, useSaving } from './loading'
import { CHIEFS } from './registry'
import { useApi, useSession } from './session'

interface State {
  on: boolean
  limit: number
  away: boolean
}

export default function RotationPage() {
  const { get } = useApi()
  const { session } = useSession()
  const load = useCallback(() => get<State>('rotation'), [get])
  const state = useLoaded(load)
  const chief = CHIEFS.some(role => role === session.staff.role)
  return (
    <Page
      title="Taking turns"
      words="Whoever of you is here gets the next customer who asks for a person, one after the other. Where nobody is, the customer waits for all."
    >
      <Here of={state}>
        {value => (
          <>
            {chief ? <Rule value={value} of={state} /> : <p className="soft">{said(value)}</p>}
            <Away value={value} of={state} />
          </>
        )}
      </Here>
    </Page>
  )
}

function said({ on, limit }: State): string {
  return on
    ? `New requests go round; nobody gets more than ${limit} at once.`
    : 'New requests wait for whoever takes them.'
}

interface Part {
  value: State
  of: Resource<State>
}

function Rule({ value, of }: Part) {
  const { patch } = useApi()
  const saving = useSaving()
  const [on, setOn] = useState(value.on)
  const [limit, setLimit] = useState(String(value.limit))
  const send = async () => {
    const kept = await saving.run(() => patch<State>('rotation', { on, limit: Number(limit) }))
    if (kept) of.change(() => kept)
  }
  return (
    <Block
      title="New requests"
      words="An assigned request says so in the inbox and wakes its person’s devices alone. Anybody can still take it."
    >
      <Form onSend={() => void send()}>
        <label className="check">
          <input
            type="checkbox"
            checked={on}
            onChange={e => {
              setOn(e.target.checked)
              saving.touched()
            }}
          />
          Assign new requests to whoever is here, in turn
        </label>
        <Field label="At most at once, for each" hint="Who has as many is passed over.">
          <input
            type="number"
            min={1}
            max={100}
            required
            value={limit}
            onChange={e => {
              setLimit(e.target.value)
              saving.touched()
            }}
          />
        </Field>
        <SaveBar at={saving.at} />
      </Form>
    </Block>
  )
}

function Away({ value, of }: Part) {
  const { post } = useApi()
  const saving = useSaving()
  const change = async () => {
    const kept = await saving.run(() => post<State>('rotation/away', { away: !value.away }))
    if (kept) of.change(() => kept)
  }
  return (
    <Block title="You" words="While you are away nothing new is assigned to you. What is yours stays yours.">
      <div className="save-bar">
        <button
          type="button"
          className={`button ${value.away ? 'primary' : ''}`}
          disabled={saving.at.state === 'saving'}
          onClick={() => void change()}
        >
          {value.away ? 'I am back' : 'I am away'}
        </button>
        <span role="status" className="soft small">
          {value.away ? 'You are away.' : 'You take your turn while the console is open.'}
        </span>
        {saving.at.state === 'failed' && <Saved at={saving.at} />}
      </div>
    </Block>
  )
}
