import { useRef, useState } from 'react'
import { AddIcon, Close, Fold, Grip, Raise } from '../../../design/icons'
import { Icon } from '../../Icon'
import { HOUSE, move } from './policy'

interface Props {
  /** For a screen reader: whose order this is. */
  label: string
  value: readonly string[]
  choices: readonly string[]
  /** What nothing chosen means. */
  otherwise: string
  onChange(names: string[]): void
}

/** Models in the order in which they are asked: moved by buttons, keys or dragging; the house stays last. */
export function ModelOrder({ label, value, choices, otherwise, onChange }: Props) {
  const [held, setHeld] = useState<number | null>(null)
  const [said, setSaid] = useState('')
  const list = useRef<HTMLOListElement>(null)
  const names = value.filter(name => name !== HOUSE)
  const free = choices.filter(name => !names.includes(name))
  const own = value.length > 0
  const put = (next: readonly string[]) => onChange([...next, HOUSE])
  const to = (from: number, place: number, verb: 'up' | 'down') => {
    const name = names[from]
    if (name === undefined || place < 0 || place >= names.length) return
    put(move(names, from, place))
    setSaid(`${name} is number ${place + 1} of ${names.length} now`)
    // The button that was pressed goes with its model.
    requestAnimationFrame(() => {
      const row = list.current?.children[place]
      const same = row?.querySelector<HTMLButtonElement>(`[data-verb=${verb}]:not(:disabled)`)
      ;(same ?? row?.querySelector<HTMLButtonElement>('button:not(:disabled)'))?.focus()
    })
  }
  return (
    <fieldset className="model-order">
      <legend className="unseen">{label}</legend>
      <label className="check">
        <input type="checkbox" checked={!own} onChange={e => (e.target.checked ? onChange([]) : put(choices))} />
        {otherwise}
      </label>
      {own && (
        <ol ref={list}>
          {names.map((name, place) => (
            <li
              key={name}
              draggable
              className={held === place ? 'held' : ''}
              onDragStart={e => {
                e.dataTransfer.effectAllowed = 'move'
                e.dataTransfer.setData('text/plain', name)
                setHeld(place)
              }}
              onDragOver={e => held !== null && e.preventDefault()}
              onDrop={e => {
                e.preventDefault()
                if (held !== null && held !== place) put(move(names, held, place))
                setHeld(null)
              }}
              onDragEnd={() => setHeld(null)}
            >
              <span className="grip">
                <Icon of={Grip} size={16} />
              </span>
              <span className="model-name">{name}</span>
              <button
                type="button"
                className="square"
                data-verb="up"
                aria-label={`Move ${name} up`}
                disabled={place === 0}
                onClick={() => to(place, place - 1, 'up')}
              >
                <Icon of={Raise} size={16} />
              </button>
              <button
                type="button"
                className="square"
                data-verb="down"
                aria-label={`Move ${name} down`}
                disabled={place === names.length - 1}
                onClick={() => to(place, place + 1, 'down')}
              >
                <Icon of={Fold} size={16} />
              </button>
              <button
                type="button"
                className="square"
                aria-label={`Leave ${name} out`}
                onClick={() => put(names.filter(other => other !== name))}
              >
                <Icon of={Close} size={16} />
              </button>
            </li>
          ))}
          <li className="last">
            <span className="model-name">house</span>
            <span className="soft small">always the last</span>
          </li>
        </ol>
      )}
      {own && free.length > 0 && (
        <div className="model-free">
          {free.map(name => (
            <button key={name} type="button" className="button quiet" onClick={() => put([...names, name])}>
              <Icon of={AddIcon} size={16} /> {name}
            </button>
          ))}
        </div>
      )}
      <span role="status" className="unseen">
        {said}
      </span>
    </fieldset>
  )
}
