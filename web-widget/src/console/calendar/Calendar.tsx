/** The calendar: a day by stations and chefs, a week by slots, a month by counts; a party opens beside it. */
import { useCallback, useEffect, useState } from 'react'
import { Back, Onward } from '../../design/icons'
import { useRoute } from '../hooks'
import { Icon } from '../Icon'
import { Here } from '../settings/frame'
import { BookingPanel } from './BookingPanel'
import '../settings/settings.css'
import '../settings/staff.css'
import '../paneled.css'
import './booking.css'
import './calendar.css'
import { dayOf, daysOf, SPANS, type Span, step, titleOf } from './dates'
import { Grid } from './Grid'
import { useCalendarKeys } from './keys'
import { useDays } from './loading'
import { Month } from './Month'
import { Moving } from './Moving'
import { useMoves } from './moves'
import type { Party, Spot } from './parties'

const NAMES: Record<Span, string> = { day: 'Day', week: 'Week', month: 'Month' }

interface Props {
  /** `day`, `week` or `month`. */
  page: string | null
  /** `2026-12-05`, or with a party's id behind a slash. */
  item: string | null
}

export default function Calendar({ page, item }: Props) {
  const [, go] = useRoute()
  const [asked, booking] = (item ?? '').split('/')
  const span = SPANS.find(one => one === page) ?? (innerWidth < 720 ? 'day' : 'week')
  // The browser's today until the venue's is known: at most a day beside it, and only for a moment.
  const [today, setToday] = useState(browserToday)
  const day = dayOf(asked) ?? today
  const shown = daysOf(span, day)
  const days = useDays(shown[0] ?? day, shown[shown.length - 1] ?? day)
  const moves = useMoves(days)
  const told = days.value?.today
  useEffect(() => {
    if (told) setToday(told)
  }, [told])

  const visit = useCallback(
    (next: { span?: Span; day?: string; booking?: string | null }) => {
      const on = next.day ?? day
      const open = next.booking === undefined ? booking : next.booking
      go({ view: 'calendar', page: next.span ?? span, item: open ? `${on}/${open}` : on })
    },
    [go, day, span, booking],
  )
  const close = useCallback(() => visit({ booking: null }), [visit])
  useCalendarKeys({
    step: by => visit({ day: step(span, day, by) }),
    today: () => visit({ day: today }),
    show: other => visit({ span: other }),
    close: booking ? close : null,
  })
  const open = (party: Party) => visit({ booking: party.id })
  const put = (party: Party, to: Spot) => moves.drop(party, to)

  return (
    <section className={`paneled calendar ${booking ? 'with-panel' : ''}`} aria-label="Calendar">
      <div className="paneled-main calendar-main">
        <header className="calendar-head">
          <h1>{titleOf(span, day)}</h1>
          <div className="calendar-steps">
            <button
              type="button"
              className="square"
              aria-label={`The ${span} before`}
              onClick={() => visit({ day: step(span, day, -1) })}
            >
              <Icon of={Back} />
            </button>
            <button type="button" className="button" onClick={() => visit({ day: today })}>
              Today
            </button>
            <button
              type="button"
              className="square"
              aria-label={`The next ${span}`}
              onClick={() => visit({ day: step(span, day, 1) })}
            >
              <Icon of={Onward} />
            </button>
          </div>
          <fieldset className="views" aria-label="How much is shown">
            {SPANS.map(one => (
              <button
                key={one}
                type="button"
                className="view"
                aria-pressed={one === span}
                onClick={() => visit({ span: one })}
              >
                {NAMES[one]}
              </button>
            ))}
          </fieldset>
        </header>
        {moves.refused && <Refused refused={moves.refused} onAgain={put} onClose={moves.forget} />}
        <Here of={days}>
          {value => {
            const parties = moves.over(value.parties)
            return span === 'month' ? (
              <Month
                days={shown}
                month={day.slice(0, 7)}
                today={value.today}
                parties={parties}
                onDay={on => visit({ span: 'day', day: on })}
              />
            ) : (
              <Grid
                span={span}
                days={value}
                shown={shown}
                parties={parties}
                chosen={booking ?? null}
                onOpen={open}
                onPut={put}
                onDay={on => visit({ span: 'day', day: on })}
              />
            )
          }}
        </Here>
        <p className="soft small calendar-note">
          Times are those of {days.value?.time_zone.replace('_', ' ') ?? 'the venue'}.
          {span !== 'month' && <span className="wide-only"> Drag a party to move it, or open it and press Move.</span>}
        </p>
      </div>
      {booking && <BookingPanel key={booking} id={booking} onClose={close} onChanged={days.again} />}
      {moves.asked && (
        <Moving
          party={moves.asked.party}
          to={moves.asked.to}
          slots={days.value?.slots ?? []}
          onDone={moves.done}
          onRefused={moves.refuse}
          onClose={moves.forget}
        />
      )}
    </section>
  )
}

interface RefusedFrame {
  refused: NonNullable<ReturnType<typeof useMoves>['refused']>
  onAgain(party: Party, to: Spot): void
  onClose(): void
}

/** Why a party went back to where it was, and where else it could go. */
function Refused({ refused, onAgain, onClose }: RefusedFrame) {
  return (
    <div className="notice calendar-refused" role="alert">
      <p>
        {refused.words} <span className="soft">It stays where it was.</span>
      </p>
      <div className="actions start">
        {refused.others.map(other => (
          <button
            key={`${other.day}${other.at}`}
            type="button"
            className="button"
            onClick={() => onAgain(refused.party, { day: other.day, at: other.at })}
          >
            {other.label}
          </button>
        ))}
        <button type="button" className="button quiet" onClick={onClose}>
          Close
        </button>
      </div>
    </div>
  )
}

function browserToday(): string {
  const now = new Date()
  return new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())).toISOString().slice(0, 10)
}
