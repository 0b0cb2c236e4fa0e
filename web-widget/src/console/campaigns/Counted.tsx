/** A text to write, and under it what it holds: segments, the room that is left, and which characters make it dear. */
import { useId } from 'react'
import { cheapest, costly, type Measure, measure, plain } from '../../text/segments'
import { count } from '../settings/texting/texting'

interface Props {
  label: string
  text: string
  lang: string
  /** The text as a recipient gets it, which is what is counted. */
  filled(text: string): string
  onChange(text: string): void
  rows?: number
  disabled?: boolean
}

export function Counted({ label, text, lang, filled, onChange, rows = 4, disabled = false }: Props) {
  const id = useId()
  return (
    <div className="form-field counted">
      <label className="labelled">
        {label}
        <textarea
          lang={lang}
          rows={rows}
          maxLength={2000}
          value={text}
          disabled={disabled}
          aria-describedby={id}
          onChange={event => onChange(event.target.value)}
        />
      </label>
      <Counter id={id} text={text} filled={filled} onMend={onChange} />
    </div>
  )
}

interface CounterProps {
  id: string
  text: string
  filled(text: string): string
  onMend(text: string): void
}

function Counter({ id, text, filled, onMend }: CounterProps) {
  const whole = plain(filled(text))
  const size = measure(whole)
  const dear = costly(whole)
  const cheap = cheapest(text)
  const saves = dear.length > 0 && cheap !== text && measure(filled(cheap)).segments < size.segments
  const spelled = !saves && plain(text) !== text
  return (
    <div className="counter small" id={id}>
      <span className={size.segments > 2 ? 'counter-dear' : 'soft'}>{said(size)}</span>
      {dear.length > 0 && (
        <span className="counter-dear">
          {named(dear)} {dear.length === 1 ? 'makes' : 'make'} each segment 70 characters instead of 160.
        </span>
      )}
      {saves && (
        <button type="button" className="link" onClick={() => onMend(cheap)}>
          Write it without, in {count(measure(filled(cheap)).segments, 'segment')}
        </button>
      )}
      {spelled && (
        <span className="soft">
          Some signs go out as plainer ones.{' '}
          <button type="button" className="link" onClick={() => onMend(plain(text))}>
            Write it as it goes out
          </button>
        </span>
      )}
    </div>
  )
}

/** "1 segment, 142 characters, 18 left". */
export function said({ segments, units, left }: Measure): string {
  if (units === 0) return 'Nothing yet'
  return `${count(segments, 'segment')}, ${count(units, 'character')}, ${left} left`
}

const NAMES: Readonly<Record<string, string>> = { '\u00a0': 'A hard space', '\u202f': 'A narrow space', '\t': 'A tab' }

/** The first few of them, as one reads them. */
function named(marks: readonly string[]): string {
  const few = marks.slice(0, 4).map(mark => NAMES[mark] ?? `“${mark}”`)
  return marks.length > few.length ? `${few.join(', ')} and others` : few.join(', ')
}
