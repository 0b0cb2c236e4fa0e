/** A month: how many parties and guests each day has, and how many of them are not sure yet. */
import { longDay, weekdayName } from './dates'
import { countsOf, type Party } from './parties'

interface Props {
  days: readonly string[]
  /** `2026-12`: days of other months are there, and faint. */
  month: string
  today: string
  parties: readonly Party[]
  onDay(day: string): void
}

export function Month({ days, month, today, parties, onDay }: Props) {
  return (
    <div className="month">
      {days.slice(0, 7).map(day => (
        <span key={day} className="month-head" aria-hidden="true">
          {weekdayName(day)}
        </span>
      ))}
      {days.map(day => (
        <Day key={day} day={day} other={!day.startsWith(month)} today={day === today} parties={parties} onDay={onDay} />
      ))}
    </div>
  )
}

interface DayFrame {
  day: string
  other: boolean
  today: boolean
  parties: readonly Party[]
  onDay(day: string): void
}

function Day({ day, other, today, parties, onDay }: DayFrame) {
  const { parties: count, guests, unsure } = countsOf(parties, day)
  return (
    <button
      type="button"
      className={`month-day ${other ? 'other' : ''} ${today ? 'today' : ''} ${count ? 'some' : ''}`}
      onClick={() => onDay(day)}
    >
      <span className="month-number" aria-hidden="true">
        {Number(day.slice(8))}
      </span>
      <span className="unseen">
        {longDay(day)}
        {today && ', today'}
        {count === 0 && ', no party'}
      </span>
      {count > 0 && (
        <>
          <strong className="month-count">
            {count}
            <span className="month-word"> {count === 1 ? 'party' : 'parties'}</span>
          </strong>
          <span className="month-guests">{guests} guests</span>
          {unsure > 0 && <span className="month-unsure">{unsure} unpaid</span>}
        </>
      )}
    </button>
  )
}
