/** How many come: the price and the length of the party go with it, and the customer is told. */
import { useRef } from 'react'
import { Dialog } from '../Dialog'
import { Field, Form, SaveBar } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { type Booking, nameOf } from './parties'

interface Props {
  booking: Booking
  onDone(booking: Booking): void
  onClose(): void
}

const MOST = 1000

export function Guests({ booking, onDone, onClose }: Props) {
  const { post } = useApi()
  const saving = useSaving()
  const box = useRef<HTMLDivElement>(null)
  const close = () => box.current?.closest('dialog')?.close()
  const send = async (data: FormData) => {
    const count = (name: string) => Number(data.get(name))
    const party = { adults: count('adults'), children: count('children'), under_six: count('under_six') }
    const answer = await saving.run(() => post<Booking>(`bookings/${booking.party.id}/party`, party))
    if (!answer) return
    close()
    onDone(answer)
  }
  return (
    <Dialog title={`How many guests has ${nameOf(booking.party)}?`} onClose={onClose}>
      <div ref={box}>
        <Form onSend={data => void send(data)}>
          <p className="soft">The price and the length of the party go with it, and the customer is told.</p>
          <Field label="Adults">
            <input name="adults" type="number" min={1} max={MOST} required defaultValue={booking.adults} />
          </Field>
          <Field label="Children">
            <input name="children" type="number" min={0} max={MOST} required defaultValue={booking.children} />
          </Field>
          <Field label="Little ones, who eat free">
            <input name="under_six" type="number" min={0} max={MOST} required defaultValue={booking.under_six} />
          </Field>
          <SaveBar at={saving.at} label="Change the guests">
            <button type="button" className="button quiet" onClick={close}>
              Leave it
            </button>
          </SaveBar>
        </Form>
      </div>
    </Dialog>
  )
}
