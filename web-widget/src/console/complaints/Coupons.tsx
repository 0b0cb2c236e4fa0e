/** Coupons for a complaint: anybody proposes one, an owner or an admin decides. */
import { Block, Field, Form, SaveBar, Saved } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { day } from '../when'
import { COUPON, type Complaint, type Coupon, centsOf, dollars, type OnComplaint } from './complaints'
import { UseCoupon } from './UseCoupon'

export function Coupons(on: OnComplaint) {
  const { complaint } = on
  const waits = complaint.coupons.some(one => one.state === 'proposed')
  return (
    <Block title="Coupon" words="The assistant never promises money. A coupon counts once a person approved it.">
      {complaint.coupons.length > 0 && (
        <ul className="coupons">
          {complaint.coupons.map(one => (
            <One key={one.id} coupon={one} {...on} />
          ))}
        </ul>
      )}
      {!waits && <Propose key={complaint.coupons.length} {...on} />}
    </Block>
  )
}

function One({ coupon, complaint, chief, put }: { coupon: Coupon } & OnComplaint) {
  const { post } = useApi()
  const saving = useSaving()
  const decide = async (approve: boolean) => {
    const now = await saving.run(() => post<Complaint>(`coupons/${coupon.id}/decision`, { approve }))
    if (now) put(now)
  }
  const waits = coupon.state === 'proposed'
  return (
    <li>
      <p className="complaint-head">
        <strong>
          {coupon.percent} %, {dollars(coupon.cents_at_most)} at most
        </strong>
        <span className={`chip coupon-${coupon.state}`}>{COUPON[coupon.state]}</span>
      </p>
      <p className="soft small">{coupon.reason}</p>
      {coupon.code && <code className="coupon-code">{coupon.code}</code>}
      {!waits && (
        <p className="soft small">
          {coupon.decided_by ?? 'Somebody'} decided
          {coupon.state === 'used' && coupon.booking
            ? `; used on booking #${coupon.booking}`
            : coupon.expires_at && `; good until ${day(coupon.expires_at)}`}
        </p>
      )}
      {chief && <UseCoupon coupon={coupon} complaint={complaint} put={put} />}
      {waits && chief && (
        <div className="actions start">
          <button
            type="button"
            className="button primary"
            disabled={saving.at.state === 'saving'}
            onClick={() => void decide(true)}
          >
            Approve
          </button>
          <button
            type="button"
            className="button"
            disabled={saving.at.state === 'saving'}
            onClick={() => void decide(false)}
          >
            Reject
          </button>
        </div>
      )}
      {waits && !chief && <p className="soft small">An owner or an admin decides.</p>}
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
    </li>
  )
}

function Propose({ complaint, put }: OnComplaint) {
  const { post } = useApi()
  const saving = useSaving()
  const { limits } = complaint
  const send = async (data: FormData) => {
    const cents = centsOf(String(data.get('dollars') ?? ''))
    const body = { percent: Number(data.get('percent')), cents, reason: String(data.get('reason') ?? '').trim() }
    const now = await saving.run(() => {
      if (cents === null) throw new Error('not an amount')
      return post<Complaint>(`complaints/${complaint.id}/coupons`, body)
    })
    if (now) put(now)
  }
  return (
    <details>
      <summary>Propose a coupon</summary>
      <Form onSend={data => void send(data)}>
        <div className="pair">
          <Field label="Percent" hint={`At most ${limits.percent}.`}>
            <input
              name="percent"
              type="number"
              inputMode="numeric"
              min={1}
              max={limits.percent}
              defaultValue={limits.percent}
              required
            />
          </Field>
          <Field label="Dollars at most" hint={`At most ${dollars(limits.cents)}; good for ${limits.months} months.`}>
            <input
              name="dollars"
              inputMode="decimal"
              pattern="\$?[0-9,]{1,7}(\.[0-9]{1,2})?"
              title="An amount like 50 or 49.90"
              defaultValue={(limits.cents / 100).toFixed(limits.cents % 100 ? 2 : 0)}
              required
            />
          </Field>
        </div>
        <Field label="Why">
          <input name="reason" maxLength={200} required />
        </Field>
        <SaveBar at={saving.at} label="Propose coupon" />
      </Form>
    </details>
  )
}
