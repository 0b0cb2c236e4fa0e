/** Taking a coupon that is good off a party of its customer; asks first, as it can be used once. */
import { useState } from 'react'
import { Sure } from '../Sure'
import { Field, Form } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { moment } from '../when'
import { type Complaint, type Coupon, dollars, type Party, plain, usableOn } from './complaints'

interface OnCoupon {
  coupon: Coupon
  complaint: Complaint
  put(complaint: Complaint): void
}

export function UseCoupon({ coupon, complaint, put }: OnCoupon) {
  const [asked, setAsked] = useState<Party | null>(null)
  const parties = usableOn(coupon, complaint.bookings, Date.now())
  if (coupon.state !== 'approved') return null
  if (parties.length === 0)
    return <p className="soft small">No booking of this customer stands that it could be used on.</p>
  const ask = (data: FormData) => setAsked(parties.find(party => party.id === data.get('booking')) ?? null)
  return (
    <>
      <Form onSend={ask}>
        <Field label="Use it on">
          <select name="booking">
            {parties.map(party => (
              <option key={party.id} value={party.id}>
                #{party.number}, {moment(party.starts_at)}, {plain(party.status)}
              </option>
            ))}
          </select>
        </Field>
        <div className="actions start">
          <button type="submit" className="button">
            Use coupon
          </button>
        </div>
      </Form>
      {asked && <Use coupon={coupon} complaint={complaint} put={put} party={asked} onClose={() => setAsked(null)} />}
    </>
  )
}

function Use({ coupon, put, party, onClose }: OnCoupon & { party: Party; onClose(): void }) {
  const { post } = useApi()
  const saving = useSaving()
  const use = async () => {
    const now = await saving.run(() => post<Complaint>(`coupons/${coupon.id}/use`, { booking: party.id }))
    if (now) put(now)
  }
  return (
    <Sure
      title={`Use the coupon on booking #${party.number}?`}
      deed="Use coupon"
      at={saving.at}
      onSure={() => void use()}
      onClose={onClose}
    >
      <p className="soft">
        {coupon.percent} % of its price, {dollars(coupon.cents_at_most)} at most, is taken off what the customer owes,
        and they read it in the conversation. A coupon can be used once.
      </p>
    </Sure>
  )
}
