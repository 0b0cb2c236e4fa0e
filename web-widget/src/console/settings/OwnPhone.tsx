/** One's own number, to which what is urgent goes by text: given, then proved by the code that came there. */
import { useCallback, useRef, useState } from 'react'
import { moment } from '../when'
import { Block, Field, Form, Saved } from './frame'
import { type Resource, useLoaded, useSaving } from './loading'
import { useApi } from './session'
import { phone } from './texting/texting'

interface OwnNumber {
  texting: boolean
  phone?: string
  verified_at?: string
}

const PATH = 'account/phone'

export function OwnPhone() {
  const { get } = useApi()
  const load = useCallback(() => get<OwnNumber>(PATH), [get])
  const own = useLoaded(load)
  const { value } = own
  if (!value) return null
  return (
    <Block
      title="By text"
      words="Where nobody has claimed a customer for long, or somebody is ill: a text that says so and leads here. It holds nothing of the customer."
    >
      {value.phone && <Proved own={value} of={own} />}
      {value.texting ? (
        <Asking has={!!value.phone} of={own} />
      ) : (
        <p className="soft">No provider carries texts here yet. Whoever runs the install sets one up.</p>
      )}
    </Block>
  )
}

function Proved({ own, of }: { own: OwnNumber; of: Resource<OwnNumber> }) {
  const api = useApi()
  const saving = useSaving()
  const forget = async () => {
    if (await saving.run(() => api.remove(PATH).then(() => true))) of.again()
  }
  return (
    <div className="save-bar">
      <span>
        Texts go to <strong>{phone(own.phone ?? '')}</strong>
        {own.verified_at && (
          <span className="soft small">
            , proved <time dateTime={own.verified_at}>{moment(own.verified_at)}</time>
          </span>
        )}
      </span>
      <button type="button" className="button" disabled={saving.at.state === 'saving'} onClick={() => void forget()}>
        Send no more texts
      </button>
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
    </div>
  )
}

function Asking({ has, of }: { has: boolean; of: Resource<OwnNumber> }) {
  const { post } = useApi()
  const saving = useSaving()
  const [asked, setAsked] = useState<string | null>(null)
  const [given, setGiven] = useState('')
  const [code, setCode] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const ask = async () => {
    if (!(await saving.run(() => post(PATH, { phone: given })))) return
    setAsked(given)
    setCode('')
    saving.touched()
    setTimeout(() => field.current?.focus())
  }
  const prove = async () => {
    const own = await saving.run(() => post<OwnNumber>(`${PATH}/code`, { code }))
    if (!own) return
    setAsked(null)
    setGiven('')
    of.change(() => own)
  }
  if (asked !== null)
    return (
      <Form onSend={() => void prove()}>
        <Field label="The code" hint={`Six digits, by text to ${asked}. They are good for some minutes.`}>
          <input
            ref={field}
            name="code"
            value={code}
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={12}
            required
            onChange={e => {
              setCode(e.target.value)
              saving.touched()
            }}
          />
        </Field>
        <div className="save-bar">
          <button type="submit" className="button primary" disabled={saving.at.state === 'saving'}>
            Prove the number
          </button>
          <button type="button" className="button" onClick={() => void ask()}>
            Send another code
          </button>
          <button type="button" className="button" onClick={() => setAsked(null)}>
            Another number
          </button>
          {saving.at.state === 'failed' && <Saved at={saving.at} />}
        </div>
      </Form>
    )
  return (
    <Form onSend={() => void ask()}>
      <Field
        label={has ? 'Another number' : 'Your mobile number'}
        hint="We text a code there, so that nobody gives a number that is not theirs."
      >
        <input
          name="phone"
          type="tel"
          value={given}
          autoComplete="tel"
          maxLength={40}
          required
          onChange={e => {
            setGiven(e.target.value)
            saving.touched()
          }}
        />
      </Field>
      <div className="save-bar">
        <button type="submit" className="button" disabled={saving.at.state === 'saving'}>
          Text me a code
        </button>
        {saving.at.state === 'failed' && <Saved at={saving.at} />}
      </div>
    </Form>
  )
}
