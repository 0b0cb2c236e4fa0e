/** What is asked about money: a notice, cash, whose it is, how much goes back. Each is sent once, however often it is pressed. */
import { type ReactNode, useState } from 'react'
import { newId } from '../../protocol/ids'
import { centsOf, dollars } from '../complaints/complaints'
import { Dialog } from '../Dialog'
import { Field, Form, SaveBar } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { leftOf, METHOD, type Notice, type Payment, type Payments, type Refunds, whoseOf, whyOf } from './payments'

interface Asked {
  onDone(): void
  onClose(): void
}

/** The wish that is sent, or what is wrong with it. */
type Wish = () => Promise<unknown> | string

interface Frame extends Asked {
  title: string
  label: string
  wish(data: FormData): Wish
  children: ReactNode
}

function Question({ title, label, wish, onDone, onClose, children }: Frame) {
  const saving = useSaving()
  const send = async (data: FormData) => {
    const done = await saving.run(async () => {
      const asked = wish(data)()
      if (typeof asked === 'string') return { wrong: asked }
      await asked
      return { wrong: null }
    })
    if (done === null) return
    if (done.wrong) return setWrong(done.wrong)
    onDone()
    onClose()
  }
  const [wrong, setWrong] = useState<string | null>(null)
  return (
    <Dialog title={title} onClose={onClose}>
      <Form onSend={data => void send(data)}>
        {children}
        {wrong && (
          <p className="fault" role="alert">
            {wrong}
          </p>
        )}
        <SaveBar at={wrong ? { state: 'idle' } : saving.at} label={label}>
          <button type="button" className="button quiet" onClick={onClose}>
            Leave it
          </button>
        </SaveBar>
      </Form>
    </Dialog>
  )
}

const NO_AMOUNT = 'Write the amount in dollars, like 490 or 99.50.'

export function Paste({ onDone, onClose }: Asked) {
  const { post } = useApi()
  const saving = useSaving()
  const [taken, setTaken] = useState<Notice | null>(null)
  const send = async (data: FormData) => {
    const method = String(data.get('method') ?? '')
    const body = { text: String(data.get('text') ?? ''), ...(method && { method }) }
    const notice = await saving.run(() => post<Notice>('payment-notices', body))
    if (!notice) return
    setTaken(notice)
    onDone()
  }
  if (taken) return <Taken notice={taken} onClose={onClose} />
  return (
    <Dialog title="Paste a notice" onClose={onClose}>
      <Form onSend={data => void send(data)}>
        <Field
          label="Notice"
          hint="The whole text of Venmo's or your bank's notice. The same one twice is one payment."
        >
          <textarea name="text" rows={6} required maxLength={20_000} />
        </Field>
        <Field label="From" hint="Only where the text does not say it.">
          <select name="method" defaultValue="">
            <option value="">As the text says</option>
            <option value="venmo">Venmo</option>
            <option value="zelle">Zelle</option>
          </select>
        </Field>
        <SaveBar at={saving.at} label="Hand it in">
          <button type="button" className="button quiet" onClick={onClose}>
            Leave it
          </button>
        </SaveBar>
      </Form>
    </Dialog>
  )
}

function Taken({ notice, onClose }: { notice: Notice; onClose(): void }) {
  const amount = `${dollars(notice.amount_cents)} by ${METHOD[notice.method]}`
  const words = {
    new: 'It is being looked at.',
    matched: `It is ${whoseOf(notice.booking)}: ${whyOf(notice)}.`,
    suggested: `It may be ${whoseOf(notice.booking)}: ${whyOf(notice)}. An owner or an admin decides.`,
    unmatched: 'No booking fits, so it waits under Notices for somebody who knows.',
    ignored: 'It was set aside before as no payment.',
  }[notice.state]
  return (
    <Dialog title={amount} onClose={onClose}>
      <p role="status">{words}</p>
      <div className="actions">
        <button type="button" className="button primary" onClick={onClose}>
          Done
        </button>
      </div>
    </Dialog>
  )
}

export function Cash(asked: Asked) {
  const { post } = useApi()
  const [id] = useState(newId)
  const wish = (data: FormData) => () => {
    const cents = centsOf(String(data.get('amount') ?? ''))
    if (!cents) return NO_AMOUNT
    const note = String(data.get('note') ?? '').trim()
    const body = { client_id: id, booking: Number(data.get('booking')), amount_cents: cents, ...(note && { note }) }
    return post<Payments>('payments', body)
  }
  return (
    <Question title="Write down cash" label="Write it down" wish={wish} {...asked}>
      <div className="pair">
        <BookingField />
        <Field label="Amount in dollars">
          <input name="amount" inputMode="decimal" required autoComplete="off" />
        </Field>
      </div>
      <Field label="Note" hint="Who took it, where.">
        <input name="note" maxLength={300} autoComplete="off" />
      </Field>
    </Question>
  )
}

export function Match({ notice, ...asked }: { notice: Notice } & Asked) {
  const { post } = useApi()
  const wish = (data: FormData) => () =>
    post<Notice>(`payment-notices/${notice.id}/match`, { booking: Number(data.get('booking')) })
  return (
    <Question title={`Whose ${dollars(notice.amount_cents)} is it?`} label="Match" wish={wish} {...asked}>
      <BookingField />
    </Question>
  )
}

export function Assign({ payment, ...asked }: { payment: Payment } & Asked) {
  const { post } = useApi()
  const wish = (data: FormData) => () =>
    post<Payments>(`payments/${payment.id}/assign`, { booking: Number(data.get('booking')) })
  return (
    <Question title={`Whose ${dollars(payment.amount_cents)} is it?`} label="It is theirs" wish={wish} {...asked}>
      <BookingField />
    </Question>
  )
}

export function GiveBack({ payment, ...asked }: { payment: Payment } & Asked) {
  const { post } = useApi()
  const [id] = useState(newId)
  const left = leftOf(payment)
  const wish = (data: FormData) => () => {
    const cents = centsOf(String(data.get('amount') ?? ''))
    if (!cents) return NO_AMOUNT
    if (cents > left) return `At most ${dollars(left)} is left of this payment.`
    const reason = String(data.get('reason') ?? '').trim()
    return post<Refunds>(`payments/${payment.id}/refund`, { client_id: id, amount_cents: cents, reason })
  }
  return (
    <Question title={`Give back of ${dollars(payment.amount_cents)}`} label="Give it back" wish={wish} {...asked}>
      <p className="soft">
        {payment.method === 'card'
          ? 'It goes to the card that paid, by the card provider.'
          : `Pay it back by ${METHOD[payment.method]} yourself, then mark it done under Going back.`}
      </p>
      <Field label="Amount in dollars" hint={`${dollars(left)} can be given back.`}>
        <input name="amount" inputMode="decimal" required defaultValue={(left / 100).toFixed(2)} autoComplete="off" />
      </Field>
      <Field label="Why" hint="Your colleagues read it; the customer reads that it was sent.">
        <input name="reason" required maxLength={300} autoComplete="off" />
      </Field>
    </Question>
  )
}

function BookingField() {
  return (
    <Field label="Booking number">
      <input name="booking" type="number" min={1} step={1} required inputMode="numeric" />
    </Field>
  )
}
