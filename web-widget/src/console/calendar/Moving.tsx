/** A party is about to be moved: where to, what the rules say of it, what it costs; asked before anybody is told. */
import { useEffect, useRef, useState } from 'react'
import { Dialog } from '../Dialog'
import { useDesk } from '../hooks'
import { Field, Form, SaveBar } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { CHIEFS } from '../settings/registry'
import { explain, useApi } from '../settings/session'
import { clock, longDay, shortDay } from './dates'
import { type Refusal, refusalOf } from './moves'
import { type Booking, type Moved, money, nameOf, type Party, type Spot, sameStart } from './parties'

interface Props {
  party: Party
  /** Where it was dropped; null: the form asks. */
  to: Spot | null
  slots: readonly string[]
  onDone(booking: Booking): void
  /** It was dropped where it cannot be. */
  onRefused(refusal: Refusal): void
  onClose(): void
}

type Checked = { state: 'asking' } | { state: 'here'; answer: Moved } | { state: 'failed'; why: string }
const SOON_MS = 200

export function Moving({ party, to, slots, onDone, onRefused, onClose }: Props) {
  const { post } = useApi()
  const saving = useSaving()
  const [spot, setSpot] = useState<Spot>(to ?? { day: party.day, at: party.at })
  const [weather, setWeather] = useState(false)
  const [pays, setPays] = useState<'fee' | 'nothing' | null>(null)
  const chief = useDesk(d => CHIEFS.some(role => role === d.me.role))
  const dropped = to !== null
  const stays = sameStart(party, spot)
  const checked = useChecked(party, spot, weather, stays)
  const box = useRef<HTMLDivElement>(null)
  const close = () => box.current?.closest('dialog')?.close()
  const answer = checked.state === 'here' ? checked.answer : null
  const fee = answer?.outcome === 'fee_needed' ? (answer.fee_cents ?? 0) : null

  const refusal = dropped && answer?.outcome === 'not_free' ? answer : null
  const broken = dropped && checked.state === 'failed' ? checked.why : null
  useEffect(() => {
    if (refusal) onRefused(refusalOf(party, refusal))
    else if (broken !== null) onRefused({ party, words: broken, others: [] })
  }, [refusal, broken, party, onRefused])
  if (dropped && (checked.state === 'asking' || refusal || broken !== null)) return null

  const send = async () => {
    const body = { ...spot, weather, ...(fee !== null ? { fee_agreed: pays === 'nothing' ? 0 : fee } : {}) }
    const moved = await saving.run(() => post<Moved>(`bookings/${party.id}/reschedule`, body))
    if (!moved) return
    if (moved.outcome === 'moved' && moved.booking) {
      onDone(moved.booking)
      close()
    } else if (moved.outcome === 'not_free') onRefused(refusalOf(party, moved))
  }
  const may = answer !== null && answer.outcome !== 'not_free' && (fee === null || pays !== null) && !stays
  return (
    <Dialog title={`Move ${nameOf(party)}`} onClose={onClose}>
      <div ref={box} className="moving">
        <Form onSend={() => void send()}>
          <p className="soft small">
            Now on {longDay(party.day)}, {clock(party.at)}, with {party.guests} guests.
          </p>
          <div className="pair">
            <Field label="To the day">
              <input
                type="date"
                value={spot.day}
                required
                onChange={e => e.target.value && setSpot({ ...spot, day: e.target.value })}
              />
            </Field>
            <Field label="Start">
              <input
                type="time"
                value={spot.at.slice(0, 5)}
                step={900}
                required
                list="calendar-slots"
                onChange={e => e.target.value && setSpot({ ...spot, at: `${e.target.value}:00` })}
              />
            </Field>
          </div>
          <datalist id="calendar-slots">
            {slots.map(slot => (
              <option key={slot} value={slot.slice(0, 5)} />
            ))}
          </datalist>
          <label className="check">
            <input type="checkbox" checked={weather} onChange={e => setWeather(e.target.checked)} />
            Because of the weather: it costs nothing and does not count
          </label>
          <div role="status" className="moving-says">
            {!stays && checked.state === 'asking' && <p className="soft small">Looking whether that works…</p>}
            {checked.state === 'failed' && <p className="fault">{checked.why}</p>}
            {!stays && answer?.outcome === 'moved' && (
              <p className="small">That works. The customer is told at once, and their reminders move along.</p>
            )}
            {answer?.outcome === 'not_free' && (
              <>
                <p className="fault">{answer.words}</p>
                <p className="actions start">
                  {answer.others.map(other => (
                    <button
                      key={`${other.day}${other.at}`}
                      type="button"
                      className="button"
                      onClick={() => setSpot({ day: other.day, at: other.at })}
                    >
                      {shortDay(other.day)}, {clock(other.at)}
                    </button>
                  ))}
                </p>
              </>
            )}
          </div>
          {fee !== null && (
            <fieldset className="choices">
              <legend>This move costs the customer {money(fee)}</legend>
              <label className="choice">
                <input type="radio" name="pays" checked={pays === 'fee'} onChange={() => setPays('fee')} />
                They agreed to pay it
              </label>
              {chief && (
                <label className="choice">
                  <input type="radio" name="pays" checked={pays === 'nothing'} onChange={() => setPays('nothing')} />
                  We let them move for nothing
                </label>
              )}
            </fieldset>
          )}
          <SaveBar
            at={saving.at.state === 'saved' ? { state: 'idle' } : saving.at}
            label={stays ? 'Move' : `Move to ${shortDay(spot.day)}, ${clock(spot.at)}`}
            disabled={!may}
          >
            <button type="button" className="button quiet" onClick={close}>
              Leave it
            </button>
          </SaveBar>
        </Form>
      </div>
    </Dialog>
  )
}

/** What the server would say to it, asked a moment after the last change; nothing is moved by that. */
function useChecked(party: Party, spot: Spot, weather: boolean, stays: boolean): Checked {
  const { post } = useApi()
  const [checked, setChecked] = useState<Checked>({ state: 'asking' })
  const { id } = party
  const { day, at, chef } = spot
  useEffect(() => {
    if (stays) return
    let current = true
    setChecked({ state: 'asking' })
    const timer = setTimeout(() => {
      post<Moved>(`bookings/${id}/reschedule`, {
        day,
        at,
        weather,
        check: true,
        ...(chef == null ? {} : { chef }),
      }).then(
        answer => current && setChecked({ state: 'here', answer }),
        (error: unknown) => current && setChecked({ state: 'failed', why: explain(error) }),
      )
    }, SOON_MS)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [post, id, day, at, chef, weather, stays])
  return checked
}
