/** What goes back: asked for, done, failed. */
import { useCallback, useEffect } from 'react'
import { dollars } from '../complaints/complaints'
import { Here, Saved } from '../settings/frame'
import { useLoaded, useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { moment } from '../when'
import { METHOD, type Owing, type Refund, type Refunds } from './payments'
import { Whose } from './Whose'

export function RefundsPage({ turn, onChanged }: { turn: number; onChanged(): void }) {
  const { get } = useApi()
  const load = useCallback(() => get<Refunds>('refunds'), [get])
  const refunds = useLoaded(load)
  const { again } = refunds
  useEffect(() => {
    if (turn) again()
  }, [turn, again])
  return (
    <Here
      of={refunds}
      empty={{
        when: page => page.items.length + page.owing.length === 0,
        words:
          'Nothing goes back. What you give back, or what came too late for its slot, is followed here until it is there.',
      }}
    >
      {page => (
        <>
          {page.owing.length > 0 && (
            <ul className="money-lines" aria-label="To be given back">
              {page.owing.map(one => (
                <Owed key={one.booking.id} owing={one} onChanged={onChanged} />
              ))}
            </ul>
          )}
          {page.items.length > 0 && (
            <ul className="money-lines" aria-label="Going back">
              {page.items.map(one => (
                <Line key={one.id} refund={one} onChanged={onChanged} />
              ))}
            </ul>
          )}
        </>
      )}
    </Here>
  )
}

function Owed({ owing, onChanged }: { owing: Owing; onChanged(): void }) {
  const { post } = useApi()
  const saving = useSaving()
  const give = async () => {
    if (await saving.run(() => post<Refunds>('refunds', { booking: owing.booking.number }))) onChanged()
  }
  return (
    <li className="money-line waits">
      <div className="money-what">
        <strong>To be given back</strong>
        <Whose booking={owing.booking} />
        <p className="soft small">The booking came to nothing, and its money is still here.</p>
        {saving.at.state === 'failed' && <Saved at={saving.at} />}
      </div>
      <strong className="money-amount">{dollars(owing.cents)}</strong>
      <div className="money-do">
        <button
          type="button"
          className="button primary"
          disabled={saving.at.state === 'saving'}
          onClick={() => void give()}
        >
          Give it back<span className="unseen">: {dollars(owing.cents)}</span>
        </button>
      </div>
    </li>
  )
}

const STATES: Record<Refund['state'], string> = { asked: 'on its way', done: 'given back', failed: 'failed' }

function Line({ refund, onChanged }: { refund: Refund; onChanged(): void }) {
  const { post } = useApi()
  const saving = useSaving()
  const byHand = refund.method !== 'card'
  const decide = async (what: 'done' | 'again') => {
    if (await saving.run(() => post<Refunds>(`refunds/${refund.id}/${what}`, {}))) onChanged()
  }
  return (
    <li className={`money-line ${refund.state === 'done' ? '' : 'waits'}`}>
      <div className="money-what">
        <p className="money-head">
          <strong>{METHOD[refund.method]}</strong>
          <span className={`chip refund-${refund.state}`}>
            {byHand && refund.state === 'asked' ? 'to be paid back by you' : STATES[refund.state]}
          </span>
        </p>
        <Whose booking={refund.booking} />
        <p className="soft small">
          <time dateTime={refund.created_at}>{moment(refund.created_at)}</time>, {refund.reason}
          {refund.error && ` (${refund.error.replaceAll('_', ' ')})`}
        </p>
        {saving.at.state === 'failed' && <Saved at={saving.at} />}
      </div>
      <strong className="money-amount">{dollars(refund.amount_cents)}</strong>
      <div className="money-do">
        {byHand && refund.state === 'asked' && (
          <button
            type="button"
            className="button primary"
            disabled={saving.at.state === 'saving'}
            onClick={() => void decide('done')}
          >
            I have paid it back<span className="unseen">: {dollars(refund.amount_cents)}</span>
          </button>
        )}
        {!byHand && refund.state === 'failed' && (
          <button
            type="button"
            className="button"
            disabled={saving.at.state === 'saving'}
            onClick={() => void decide('again')}
          >
            Try again<span className="unseen">: {dollars(refund.amount_cents)}</span>
          </button>
        )}
      </div>
    </li>
  )
}
