/** When a chef works: hours of each weekday, and days that are otherwise, above all days off. */
import { useRef, useState } from 'react'
import { Close } from '../../design/icons'
import { Dialog } from '../Dialog'
import { Icon } from '../Icon'
import { Field, Form, SaveBar } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { shortDay } from './dates'
import { type ChefRow, type ChefTime, dated, ofWeekday, span, toClock, WEEKDAYS } from './hours'

interface Props {
  chef: ChefRow
  onSaved(chef: ChefRow): void
  onClose(): void
}

const USUAL = { from: '10:00', to: '00:00' }

export function ChefHours({ chef, onSaved, onClose }: Props) {
  const { put } = useApi()
  const saving = useSaving()
  const [days, setDays] = useState<readonly ChefTime[]>(chef.times.filter(line => line.kind !== 'weekly'))
  const box = useRef<HTMLDivElement>(null)
  const close = () => box.current?.closest('dialog')?.close()
  const send = async (data: FormData) => {
    const weekly = WEEKDAYS.flatMap((_, weekday): ChefTime[] => {
      if (data.get(`on-${weekday}`) !== 'on') return []
      return [
        { kind: 'weekly', weekday, ...span(String(data.get(`from-${weekday}`)), String(data.get(`to-${weekday}`))) },
      ]
    })
    const saved = await saving.run(() => put<ChefRow>(`chefs/${chef.id}/hours`, { times: [...weekly, ...days] }))
    if (!saved) return
    onSaved(saved)
    close()
  }
  return (
    <Dialog title={`When ${chef.name} works`} onClose={onClose}>
      <div ref={box}>
        <Form onSend={data => void send(data)}>
          <fieldset className="week-hours">
            <legend>Every week</legend>
            <p className="hint-line">
              With no day chosen they work whenever they are not off. An end before its beginning is the next day’s.
            </p>
            {WEEKDAYS.map((name, weekday) => (
              <Weekday key={name} name={name} weekday={weekday} line={ofWeekday(chef.times, weekday)} />
            ))}
          </fieldset>
          <DaysOff days={days} onChange={setDays} />
          <SaveBar at={saving.at}>
            <button type="button" className="button quiet" onClick={close}>
              Cancel
            </button>
          </SaveBar>
        </Form>
      </div>
    </Dialog>
  )
}

function Weekday({ name, weekday, line }: { name: string; weekday: number; line: ChefTime | undefined }) {
  const [on, setOn] = useState(line !== undefined)
  return (
    <div className="week-day">
      <label className="check">
        <input type="checkbox" name={`on-${weekday}`} checked={on} onChange={e => setOn(e.target.checked)} /> {name}
      </label>
      {on && (
        <span className="week-span">
          <input
            type="time"
            name={`from-${weekday}`}
            aria-label={`${name} from`}
            defaultValue={line?.from_minute === undefined ? USUAL.from : toClock(line.from_minute)}
            required
          />
          <span aria-hidden="true">–</span>
          <input
            type="time"
            name={`to-${weekday}`}
            aria-label={`${name} to`}
            defaultValue={line?.to_minute === undefined ? USUAL.to : toClock(line.to_minute)}
            required
          />
        </span>
      )}
    </div>
  )
}

function DaysOff({ days, onChange }: { days: readonly ChefTime[]; onChange(days: readonly ChefTime[]): void }) {
  const [day, setDay] = useState('')
  const add = () => {
    if (!day || days.some(line => line.day === day && line.kind === 'off')) return
    onChange([...days, { kind: 'off', day }])
    setDay('')
  }
  return (
    <fieldset className="week-hours">
      <legend>Days off</legend>
      <ul className="days-off">
        {dated(days, '').map(line => (
          <li key={`${line.kind}${line.day}${line.from_minute}`}>
            <span>
              {shortDay(line.day ?? '')}
              <span className="soft small">{hoursOf(line)}</span>
            </span>
            <button
              type="button"
              className="square"
              aria-label={`Take ${shortDay(line.day ?? '')} away`}
              onClick={() => onChange(days.filter(other => other !== line))}
            >
              <Icon of={Close} size={16} />
            </button>
          </li>
        ))}
      </ul>
      <div className="add-day">
        <Field label="Another day off">
          <input type="date" value={day} onChange={e => setDay(e.target.value)} />
        </Field>
        <button type="button" className="button" disabled={!day} onClick={add}>
          Add
        </button>
      </div>
    </fieldset>
  )
}

function hoursOf({ kind, from_minute, to_minute }: ChefTime): string {
  if (from_minute === undefined || to_minute === undefined) return ''
  return ` ${kind === 'on' ? 'works' : 'off'} ${toClock(from_minute)} – ${toClock(to_minute)}`
}
