import { AddIcon, Close } from '../../../design/icons'
import { Icon } from '../../Icon'
import { Block } from '../frame'
import { faultsBelow, inWords, set } from './draft'
import type { Editing } from './ProfileForm'
import { at, type Json } from './profile'
import { hourMinute, withSeconds } from './typed'
import { faultOf } from './week'

const PATH = ['people', 'special_days']

interface Special {
  readonly date: string
  readonly from_time?: string
  readonly to_time?: string
  readonly why?: { readonly en: string; readonly es?: string }
}

/** Holidays and other dates on which the weekday's hours do not hold. */
export function SpecialDays({ draft, onEdit }: Editing) {
  const days = (at(draft.content, PATH) ?? []) as unknown as readonly Special[]
  const store = (next: readonly Special[]) => onEdit(set(draft, PATH, next as unknown as Json))
  const change = (n: number, next: Special) => store(days.map((one, m) => (m === n ? next : one)))
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
  return (
    <Block title="Special days" words="Dates with other hours, or closed: holidays, a private party, a day off.">
      {days.length > 0 && (
        <ul className="week" data-path="people.special_days" tabIndex={-1}>
          {days.map((one, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: its date changes while one types
            <li key={n} className="special">
              <input
                type="date"
                aria-label={`Special day ${n + 1}: date`}
                data-path={`people.special_days.${n}.date`}
                value={one.date}
                onChange={e => e.target.value && change(n, { ...one, date: e.target.value })}
              />
              <Kept one={one} n={n} onChange={next => change(n, next)} />
              <button
                type="button"
                className="square"
                aria-label={`Remove the special day ${one.date}`}
                onClick={() => store(days.filter((_, m) => m !== n))}
              >
                <Icon of={Close} size={16} />
              </button>
              <p className="wrong-line" role="status">
                {said(one) ??
                  faultsBelow(draft, [...PATH, n])
                    .map(inWords)
                    .join(' ')}
              </p>
            </li>
          ))}
        </ul>
      )}
      <button type="button" className="button same" onClick={() => store([...days, { date: tomorrow }])}>
        <Icon of={AddIcon} size={16} /> Add a special day
      </button>
    </Block>
  )
}

function Kept({ one, n, onChange }: { one: Special; n: number; onChange(next: Special): void }) {
  const { from_time, to_time, ...closed } = one
  const open = from_time !== undefined && to_time !== undefined
  const time = (end: 'from_time' | 'to_time', label: string) => (
    <input
      type="time"
      aria-label={`Special day ${n + 1}: ${label}`}
      value={hourMinute(one[end] ?? '')}
      onChange={e => e.target.value && onChange({ ...one, [end]: withSeconds(e.target.value) })}
    />
  )
  return (
    <>
      <select
        aria-label={`Special day ${n + 1}: open or closed`}
        value={open ? 'open' : 'closed'}
        onChange={e =>
          onChange(e.target.value === 'open' ? { ...one, from_time: '12:00:00', to_time: '15:00:00' } : closed)
        }
      >
        <option value="closed">Closed</option>
        <option value="open">Other hours</option>
      </select>
      {open && (
        <span className="span">
          {time('from_time', 'from')} <span className="soft">to</span> {time('to_time', 'to')}
        </span>
      )}
    </>
  )
}

function said({ from_time, to_time }: Special): string | null {
  return from_time && to_time ? faultOf([{ from_time, to_time }]) : null
}
