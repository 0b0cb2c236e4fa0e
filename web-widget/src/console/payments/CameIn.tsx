/** What came in: the newest first, whose it is, and a way back. */
import { useCallback, useEffect, useState } from 'react'
import { Save } from '../../design/icons'
import { dollars } from '../complaints/complaints'
import { Icon } from '../Icon'
import { Here, Saved } from '../settings/frame'
import { useLoaded, useSaving } from '../settings/loading'
import { type Api, useApi } from '../settings/session'
import { moment } from '../when'
import { Assign, GiveBack } from './Dialogs'
import { csv, leftOf, METHOD, type Payment, type Payments, PURPOSE } from './payments'
import { Whose } from './Whose'

/** A file holds at most so many pages of so many payments. */
const FILE_PAGES = 20
const FILE_LIMIT = 500

export function CameIn({ turn, onChanged }: { turn: number; onChanged(): void }) {
  const { get } = useApi()
  const load = useCallback(() => get<Payments>('payments'), [get])
  const payments = useLoaded(load)
  const older = useSaving()
  const [asked, setAsked] = useState<{ what: 'back' | 'whose'; payment: Payment } | null>(null)
  const { again } = payments
  useEffect(() => {
    if (turn) again()
  }, [turn, again])
  const more = async (cursor: number) => {
    const page = await older.run(() => get<Payments>(`payments?cursor=${cursor}`))
    if (page) payments.change(all => ({ ...page, items: [...all.items, ...page.items] }))
  }
  return (
    <>
      <Here
        of={payments}
        empty={{
          when: page => page.items.length === 0,
          words: 'Nothing came in yet. A deposit appears here as soon as it is paid, by card, Venmo, Zelle or in cash.',
        }}
      >
        {page => (
          <>
            <ul className="money-lines" aria-label="What came in">
              {page.items.map(one => (
                <Line key={one.id} payment={one} onAsk={what => setAsked({ what, payment: one })} />
              ))}
            </ul>
            <div className="save-bar">
              {page.cursor && (
                <button
                  type="button"
                  className="button"
                  disabled={older.at.state === 'saving'}
                  onClick={() => void more(page.cursor ?? 0)}
                >
                  Show older
                </button>
              )}
              <Download />
              {older.at.state === 'failed' && <Saved at={older.at} />}
            </div>
          </>
        )}
      </Here>
      {asked?.what === 'back' && <GiveBack payment={asked.payment} onDone={onChanged} onClose={() => setAsked(null)} />}
      {asked?.what === 'whose' && <Assign payment={asked.payment} onDone={onChanged} onClose={() => setAsked(null)} />}
    </>
  )
}

function Line({ payment, onAsk }: { payment: Payment; onAsk(what: 'back' | 'whose'): void }) {
  return (
    <li className={`money-line ${payment.booking ? '' : 'waits'}`}>
      <div className="money-what">
        <p className="money-head">
          <strong>
            {METHOD[payment.method]}
            <span className="soft"> · {PURPOSE[payment.purpose]}</span>
          </strong>
          {payment.refunded_cents > 0 && <span className="chip">{dollars(payment.refunded_cents)} given back</span>}
          {payment.going_back_cents > 0 && (
            <span className="chip warn">{dollars(payment.going_back_cents)} going back</span>
          )}
        </p>
        <Whose booking={payment.booking} />
        <p className="soft small">
          <time dateTime={payment.received_at}>{moment(payment.received_at)}</time>
          {payment.payer && `, from ${payment.payer}`}
          {payment.note && `: “${payment.note}”`}
        </p>
      </div>
      <strong className="money-amount">{dollars(payment.amount_cents)}</strong>
      <div className="money-do">
        {!payment.booking && (
          <button type="button" className="button" onClick={() => onAsk('whose')}>
            Say whose<span className="unseen">: payment {payment.number}</span>
          </button>
        )}
        {leftOf(payment) > 0 && (
          <button type="button" className="button" onClick={() => onAsk('back')}>
            Give back<span className="unseen">: payment {payment.number}</span>
          </button>
        )}
      </div>
    </li>
  )
}

function Download() {
  const api = useApi()
  const saving = useSaving()
  const save = async () => {
    const payments = await saving.run(() => gathered(api))
    if (!payments) return
    // The mark tells a spreadsheet that this is UTF-8.
    const url = URL.createObjectURL(new Blob(['\ufeff', csv(payments)], { type: 'text/csv' }))
    const link = document.createElement('a')
    link.href = url
    link.download = `payments-${new Date().toISOString().slice(0, 10)}.csv`
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 10_000)
  }
  return (
    <>
      <button type="button" className="button" disabled={saving.at.state === 'saving'} onClick={() => void save()}>
        <Icon of={Save} size={16} /> {saving.at.state === 'saving' ? 'Gathering…' : 'Download CSV'}
      </button>
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
    </>
  )
}

async function gathered({ get }: Api): Promise<Payment[]> {
  const payments: Payment[] = []
  let cursor: number | undefined
  for (let page = 0; page < FILE_PAGES; page += 1) {
    const answer = await get<Payments>(`payments?limit=${FILE_LIMIT}${cursor ? `&cursor=${cursor}` : ''}`)
    payments.push(...answer.items)
    cursor = answer.cursor
    if (!cursor) break
  }
  return payments
}
