import { AddIcon, Close } from '../../../design/icons'
import { Icon } from '../../Icon'
import { Block } from '../frame'
import { faultsBelow, inWords, set } from './draft'
import type { Editing } from './ProfileForm'
import { at, type Json } from './profile'
import { hourMinute, withSeconds } from './typed'
import { DAY_NAMES, DAYS, type Day, faultOf, type Line, linesOf, type Span, weekOf } from './week'

const PATH = ['people', 'hours']
const USUAL: Span = { from_time: '12:00:00', to_time: '21:00:00' }

/** When people answer, day by day. */
export function Hours({ draft, onEdit }: Editing) {
  const lines = (at(draft.content, PATH) ?? []) as unknown as readonly Line[]
  const week = weekOf(lines)
  const change = (day: Day, spans: readonly Span[]) =>
    onEdit(set(draft, PATH, linesOf({ ...week, [day]: spans }) as unknown as Json))
  const said = faultsBelow(draft, PATH)
  return (
    <Block title="Hours" words="When people answer, in the business's time zone. The assistant answers at any time.">
      <ul className="week" data-path="people.hours" tabIndex={-1}>
        {DAYS.map(day => (
          <DayRow key={day} day={day} spans={week[day]} onChange={spans => change(day, spans)} />
        ))}
      </ul>
      {week.mon.length > 0 && (
        <button
          type="button"
          className="button same"
          onClick={() =>
            onEdit(set(draft, PATH, week.mon.map(span => ({ days: [...DAYS], ...span })) as unknown as Json))
          }
        >
          Monday’s hours for every day
        </button>
      )}
      <p className="wrong-line" role="status">
        {said.map(fault => inWords(fault)).join(' ')}
      </p>
    </Block>
  )
}

interface Row {
  day: Day
  spans: readonly Span[]
  onChange(spans: readonly Span[]): void
}

function DayRow({ day, spans, onChange }: Row) {
  const name = DAY_NAMES[day]
  const fault = faultOf(spans)
  const time = (n: number, end: keyof Span, label: string) => (
    <input
      type="time"
      required
      aria-label={`${name}, ${label}`}
      aria-invalid={fault !== null}
      value={hourMinute((spans[n] as Span)[end])}
      onChange={e => {
        // Half typed, a time field is empty: it keeps what it had.
        if (!e.target.value) return
        onChange(spans.map((s, m) => (m === n ? { ...s, [end]: withSeconds(e.target.value) } : s)))
      }}
    />
  )
  return (
    <li className="weekday">
      <span className="weekday-name">{name}</span>
      <div className="spans">
        {spans.length === 0 && <span className="soft">Closed</span>}
        {spans.map((span, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a span has no name but its place
          <span key={n} className="span">
            {time(n, 'from_time', 'from')} <span className="soft">to</span> {time(n, 'to_time', 'to')}
            <button
              type="button"
              className="square"
              aria-label={`${name}: remove ${hourMinute(span.from_time)} to ${hourMinute(span.to_time)}`}
              onClick={() => onChange(spans.filter((_, m) => m !== n))}
            >
              <Icon of={Close} size={16} />
            </button>
          </span>
        ))}
        <p className="wrong-line" role="status">
          {fault}
        </p>
      </div>
      <button
        type="button"
        className="button quiet"
        onClick={() => onChange([...spans, spans.length ? { from_time: '21:00:00', to_time: '22:00:00' } : USUAL])}
      >
        <Icon of={AddIcon} size={16} /> {spans.length ? 'More hours' : 'Open'}
        <span className="unseen"> on {name}</span>
      </button>
    </li>
  )
}
