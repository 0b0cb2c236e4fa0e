import { type Whose as Booking, whoseOf } from './payments'

/** The booking that money is of, with the way to its conversation. */
export function Whose({ booking }: { booking?: Booking }) {
  if (!booking) return <p className="unowned">{whoseOf(undefined)}</p>
  return (
    <a className="whose" href={`#/c/${booking.conversation}`}>
      {whoseOf(booking)}
    </a>
  )
}
