/** Notices of Venmo and Zelle: those that wait for a person, and what became of the others. */
import { useCallback, useEffect, useState } from 'react'
import { dollars } from '../complaints/complaints'
import { Block, Here, Saved } from '../settings/frame'
import { useLoaded, useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { moment } from '../when'
import { Match } from './Dialogs'
import { METHOD, type Notice, type Notices, whoseOf, whyOf } from './payments'
import { Whose } from './Whose'

const STATES: Record<Notice['state'], string> = {
  new: 'new',
  matched: 'matched',
  suggested: 'suggested',
  unmatched: 'unmatched',
  ignored: 'set aside',
}

export function NoticesPage({ turn, onChanged }: { turn: number; onChanged(): void }) {
  const { get } = useApi()
  const load = useCallback(() => get<Notices>('payment-notices'), [get])
  const notices = useLoaded(load)
  const { again } = notices
  useEffect(() => {
    if (turn) again()
  }, [turn, again])
  return (
    <Here of={notices}>
      {all => (
        <>
          {all.waiting.length === 0 ? (
            <div className="blank">
              Nothing waits. A notice that fits no booking for certain appears here, with the booking that it may be of.
            </div>
          ) : (
            <ul className="money-lines" aria-label="Waiting">
              {all.waiting.map(one => (
                <Waiting key={one.id} notice={one} onChanged={onChanged} />
              ))}
            </ul>
          )}
          {all.decided.length > 0 && (
            <Block title="Decided">
              <ul className="money-lines bare">
                {all.decided.map(one => (
                  <li key={one.id} className="money-line">
                    <What notice={one} />
                    <span className="chip">{STATES[one.state]}</span>
                    <strong className="money-amount">{dollars(one.amount_cents)}</strong>
                  </li>
                ))}
              </ul>
            </Block>
          )}
        </>
      )}
    </Here>
  )
}

function What({ notice }: { notice: Notice }) {
  return (
    <div className="money-what">
      <strong>
        {METHOD[notice.method]}
        {notice.payer && <span className="soft"> · from {notice.payer}</span>}
      </strong>
      {notice.booking && notice.state === 'matched' && <Whose booking={notice.booking} />}
      <p className="soft small">
        <time dateTime={notice.received_at}>{moment(notice.received_at)}</time>
        {notice.source === 'mail' ? ', by mail' : ', pasted'}
        {notice.note && `: “${notice.note}”`}
      </p>
    </div>
  )
}

function Waiting({ notice, onChanged }: { notice: Notice; onChanged(): void }) {
  const { post } = useApi()
  const saving = useSaving()
  const [open, setOpen] = useState(false)
  const decide = async (path: string, body: object) => {
    if (await saving.run(() => post<Notice>(`payment-notices/${notice.id}/${path}`, body))) onChanged()
  }
  const busy = saving.at.state === 'saving'
  const { booking } = notice
  return (
    <li className="money-line waits">
      <div className="money-what">
        <What notice={notice} />
        <p className="small">
          {booking ? (
            <>
              It may be <a href={`#/c/${booking.conversation}`}>{whoseOf(booking)}</a>: {whyOf(notice)}.
            </>
          ) : (
            'No booking fits. If you know whose it is, match it by the booking’s number.'
          )}
        </p>
        <details className="said">
          <summary>As it came</summary>
          <p className="plain small">{notice.said}</p>
        </details>
        {saving.at.state === 'failed' && <Saved at={saving.at} />}
      </div>
      <strong className="money-amount">{dollars(notice.amount_cents)}</strong>
      <div className="money-do">
        {booking && (
          <button
            type="button"
            className="button primary"
            disabled={busy}
            onClick={() => void decide('match', { booking: booking.number })}
          >
            Match with {booking.number}
          </button>
        )}
        <button type="button" className="button" disabled={busy} onClick={() => setOpen(true)}>
          {booking ? 'Another booking' : 'Match'}
          <span className="unseen">: {dollars(notice.amount_cents)}</span>
        </button>
        <button type="button" className="button quiet" disabled={busy} onClick={() => void decide('ignore', {})}>
          No payment to us<span className="unseen">: {dollars(notice.amount_cents)}</span>
        </button>
      </div>
      {open && <Match notice={notice} onDone={onChanged} onClose={() => setOpen(false)} />}
    </li>
  )
}
