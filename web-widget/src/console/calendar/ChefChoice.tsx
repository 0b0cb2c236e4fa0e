/** Who shall cook: every chef with how well they suit the party, and of what that is made. */
import { useCallback, useRef } from 'react'
import { Dialog } from '../Dialog'
import { Form, Here, SaveBar } from '../settings/frame'
import { useLoaded, useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { type Booking, nameOf } from './parties'

interface Score {
  number: number
  name: string
  able: boolean
  score: number
  parts: { name: string; points: number }[]
  why?: string
}

const PARTS: Readonly<Record<string, string>> = {
  travel: 'way there',
  skill: 'size of party',
  workload: 'other parties that day',
  rating: 'rating',
  preference: 'cooked for them before',
  asked_for: 'asked for',
}

interface Props {
  booking: Booking
  onDone(booking: Booking): void
  onClose(): void
}

export function ChefChoice({ booking, onDone, onClose }: Props) {
  const { get, post } = useApi()
  const saving = useSaving()
  const { id, chef } = booking.party
  const load = useCallback(
    () => get<{ items: Score[] }>(`bookings/${id}/chefs`).then(answer => answer.items),
    [get, id],
  )
  const scores = useLoaded(load)
  const box = useRef<HTMLDivElement>(null)
  const close = () => box.current?.closest('dialog')?.close()
  const send = async (data: FormData) => {
    const number = data.get('chef') ? Number(data.get('chef')) : null
    const answer = await saving.run(() => post<Booking>(`bookings/${id}/chef`, { number }))
    if (!answer) return
    close()
    onDone(answer)
  }
  return (
    <Dialog title={`Who cooks for ${nameOf(booking.party)}?`} onClose={onClose}>
      <div ref={box}>
        <Here
          of={scores}
          empty={{
            when: all => all.length === 0,
            words: 'No chef is registered at this station: add them in the settings.',
          }}
        >
          {all => (
            <Form onSend={data => void send(data)}>
              <fieldset className="choices">
                <legend>Chef</legend>
                {all.map(one => (
                  <label key={one.number} className="choice">
                    <input
                      type="radio"
                      name="chef"
                      value={one.number}
                      defaultChecked={one.number === chef}
                      disabled={!one.able && one.number !== chef}
                    />
                    <span>
                      <strong>{one.name}</strong>
                      <span className="soft small">{one.able ? madeOf(one) : (one.why ?? 'cannot be there')}</span>
                    </span>
                    {one.able && <span className="tally score">{Math.round(one.score)}</span>}
                  </label>
                ))}
                <label className="choice">
                  <input type="radio" name="chef" value="" defaultChecked={chef === undefined} />
                  <span>
                    <strong>Nobody yet</strong>
                    <span className="soft small">Somebody is found later</span>
                  </span>
                </label>
              </fieldset>
              <SaveBar at={saving.at} label="Choose">
                <button type="button" className="button quiet" onClick={close}>
                  Leave it
                </button>
              </SaveBar>
            </Form>
          )}
        </Here>
      </div>
    </Dialog>
  )
}

function madeOf({ parts }: Score): string {
  return parts
    .filter(part => part.points > 0)
    .map(part => `${PARTS[part.name] ?? part.name.replaceAll('_', ' ')} ${Math.round(part.points)}`)
    .join(' · ')
}
