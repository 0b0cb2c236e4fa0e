/** What may be done with a booking now; the server says what. What cannot be taken back is asked about first. */
import { type ReactNode, useRef, useState } from 'react'
import { Dialog } from '../Dialog'
import { Field, Form, SaveBar, Saved } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { ChefChoice } from './ChefChoice'
import { Guests } from './Guests'
import { Moving } from './Moving'
import { type Booking, money, nameOf, type Verb } from './parties'
import { Sheet } from './Sheet'

interface Props {
  booking: Booking
  onChanged(booking: Booking): void
}

type Asked =
  | 'move'
  | 'party'
  | 'chef'
  | 'sheet'
  | 'ask_cancel'
  | 'approve'
  | 'reject'
  | 'confirm'
  | 'no_show'
  | 'complete'

export function Verbs({ booking, onChanged }: Props) {
  const { post } = useApi()
  const saving = useSaving()
  const [asked, setAsked] = useState<Asked | null>(null)
  const close = () => setAsked(null)
  const may = (verb: Verb) => booking.may.includes(verb)
  const at = `bookings/${booking.party.id}`
  const at_once = async (path: string) => {
    const answer = await saving.run(() => post<Booking>(`${at}/${path}`, {}))
    if (answer) onChanged(answer)
  }
  const ask = (verb: Verb, what: Asked, label: string, kind = '') =>
    may(verb) && (
      <button type="button" className={`button ${kind}`} onClick={() => setAsked(what)}>
        {label}
      </button>
    )
  const { paid, deposit_due } = booking.money
  const questions: Partial<Record<Asked, ReactNode>> = {
    confirm: (
      <Question
        title={`Confirm ${nameOf(booking.party)} by hand?`}
        words={
          deposit_due > 0
            ? `Its deposit of ${money(deposit_due)} is not here. The customer reads that the party is booked.`
            : 'The customer reads that the party is booked.'
        }
        label="Confirm"
        send={() => post<Booking>(`${at}/confirm`, {})}
        onDone={onChanged}
        onClose={close}
      />
    ),
    ask_cancel: (
      <Question
        title={`Ask to cancel ${nameOf(booking.party)}?`}
        words="The slot stays theirs until an owner or admin approves it. The customer is told both times."
        label="Ask for it"
        reason="Why"
        send={reason => post<Booking>(`${at}/ask-cancel`, { reason })}
        onDone={onChanged}
        onClose={close}
      />
    ),
    approve: (
      <Question
        title={`Cancel ${nameOf(booking.party)} for good?`}
        words={
          paid > 0
            ? `The slot is free after that. ${
                booking.refundable
                  ? 'The deposit is to go back: see to it under Payments.'
                  : 'It is too late for the deposit to go back.'
              }`
            : 'The slot is free after that, and the customer is told.'
        }
        label="Cancel the party"
        reason="What the customer shall read (may stay empty)"
        danger
        send={reason => post<Booking>(`${at}/decide-cancel`, { approve: true, reason })}
        onDone={onChanged}
        onClose={close}
      />
    ),
    reject: (
      <Question
        title="Decline the cancellation?"
        words="The party stands as before, and the customer is told."
        label="Decline"
        reason="What the customer shall read (may stay empty)"
        send={reason => post<Booking>(`${at}/decide-cancel`, { approve: false, reason })}
        onDone={onChanged}
        onClose={close}
      />
    ),
    complete: (
      <Question
        title="Is the party over?"
        words="It counts as cooked from now on, and the customer is asked later how it was."
        label="It is over"
        send={() => post<Booking>(`${at}/complete`, {})}
        onDone={onChanged}
        onClose={close}
      />
    ),
    no_show: (
      <Question
        title="Was nobody there?"
        words="The booking ends without a party. That cannot be taken back."
        label="Nobody was there"
        danger
        send={() => post<Booking>(`${at}/no-show`, {})}
        onDone={onChanged}
        onClose={close}
      />
    ),
    move: <Moving party={booking.party} to={null} slots={[]} onDone={onChanged} onRefused={close} onClose={close} />,
    party: <Guests booking={booking} onDone={onChanged} onClose={close} />,
    sheet: <Sheet booking={booking} onClose={close} />,
    chef: <ChefChoice booking={booking} onDone={onChanged} onClose={close} />,
  }
  if (booking.may.length === 0) return null
  return (
    <section className="booking-verbs" aria-label="What can be done">
      {ask('decide_cancel', 'approve', 'Approve the cancellation', 'primary')}
      {ask('decide_cancel', 'reject', 'Decline it')}
      {ask('confirm', 'confirm', 'Confirm by hand', 'primary')}
      {may('keep') && (
        <button
          type="button"
          className="button"
          disabled={saving.at.state === 'saving'}
          title="Its deadline passes without ending it"
          onClick={() => void at_once('keep')}
        >
          Keep without deposit
        </button>
      )}
      {may('start') && (
        <button
          type="button"
          className="button"
          disabled={saving.at.state === 'saving'}
          onClick={() => void at_once('start')}
        >
          Party begins
        </button>
      )}
      {ask('complete', 'complete', 'Party is over', 'primary')}
      {ask('move', 'move', 'Move…')}
      {ask('party', 'party', 'Guests…')}
      {ask('chef', 'chef', 'Choose the chef…')}
      {ask('chef', 'sheet', 'Chef’s sheet')}
      {ask('no_show', 'no_show', 'Nobody was there', 'danger')}
      {ask('ask_cancel', 'ask_cancel', 'Cancel…', 'danger')}
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
      {asked && questions[asked]}
    </section>
  )
}

interface QuestionFrame {
  title: string
  words: string
  label: string
  /** What the field for a reason is called, where there is one. */
  reason?: string
  danger?: boolean
  send(reason: string): Promise<Booking>
  onDone(booking: Booking): void
  onClose(): void
}

function Question({ title, words, label, reason, danger = false, send, onDone, onClose }: QuestionFrame) {
  const saving = useSaving()
  const box = useRef<HTMLDivElement>(null)
  const close = () => box.current?.closest('dialog')?.close()
  const go = async (data: FormData) => {
    const answer = await saving.run(() => send(String(data.get('reason') ?? '').trim()))
    if (!answer) return
    close()
    onDone(answer)
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <div ref={box} className={danger ? 'asks-danger' : ''}>
        <Form onSend={data => void go(data)}>
          <p className="soft">{words}</p>
          {reason && (
            <Field label={reason}>
              <textarea name="reason" rows={3} maxLength={1000} />
            </Field>
          )}
          <SaveBar at={saving.at} label={label}>
            <button type="button" className="button quiet" onClick={close}>
              Leave it
            </button>
          </SaveBar>
        </Form>
      </div>
    </Dialog>
  )
}
