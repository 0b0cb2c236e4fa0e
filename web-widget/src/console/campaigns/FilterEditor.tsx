/** A filter as rows to fill in. */
import { useId } from 'react'
import { AddIcon, Close } from '../../design/icons'
import { Icon } from '../Icon'
import { Field as Labelled } from '../settings/frame'
import { EVERYBODY, type Field, fault, KIND_NAMES, KINDS, type Kind, type Row, type Rows, read, row } from './filters'

interface Props {
  rows: Rows | null
  disabled?: boolean
  onChange(rows: Rows): void
}

/** `rows`: null where the filter is deeper than rows can show; it can be used as it is, or be begun anew. */
export function FilterEditor({ rows, disabled = false, onChange }: Props) {
  if (rows === null) {
    return (
      <div className="notice">
        <p>This filter has several levels: it can be used here, and changed where it was made.</p>
        <button type="button" className="button" onClick={() => onChange(read(EVERYBODY) as Rows)}>
          Begin anew
        </button>
      </div>
    )
  }
  const put = (changed: Row) =>
    onChange({ ...rows, rows: rows.rows.map(one => (one.key === changed.key ? changed : one)) })
  const without = (key: number) => onChange({ ...rows, rows: rows.rows.filter(one => one.key !== key) })
  return (
    <div className="filter-rows">
      {rows.rows.length > 1 && (
        <fieldset className="views" aria-label="How the conditions are joined" disabled={disabled}>
          {(['all', 'any'] as const).map(join => (
            <button
              key={join}
              type="button"
              className="view"
              aria-pressed={join === rows.join}
              onClick={() => onChange({ ...rows, join })}
            >
              {join === 'all' ? 'Each of these is so' : 'One of these is so'}
            </button>
          ))}
        </fieldset>
      )}
      {rows.rows.length === 0 && <p className="soft">Everybody who agreed to marketing by text.</p>}
      {rows.rows.map(one => (
        <OneRow key={one.key} row={one} disabled={disabled} onChange={put} onRemove={() => without(one.key)} />
      ))}
      {!disabled && <Add onAdd={kind => onChange({ ...rows, rows: [...rows.rows, row(kind)] })} />}
    </div>
  )
}

function Add({ onAdd }: { onAdd(kind: Kind): void }) {
  return (
    <details className="filter-add">
      <summary>
        <Icon of={AddIcon} size={16} /> Add a condition
      </summary>
      <ul>
        {KIND_NAMES.map(kind => (
          <li key={kind}>
            <button
              type="button"
              className="chip-button"
              onClick={event => {
                event.currentTarget.closest('details')?.removeAttribute('open')
                onAdd(kind)
              }}
            >
              {KINDS[kind].label}
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}

interface RowProps {
  row: Row
  disabled: boolean
  onChange(row: Row): void
  onRemove(): void
}

function OneRow({ row: one, disabled, onChange, onRemove }: RowProps) {
  const { label, fields } = KINDS[one.kind]
  const lacks = fault(one)
  return (
    <fieldset className="filter-row" disabled={disabled}>
      <legend>{label}</legend>
      <div className="filter-fields">
        {fields.map(field => (
          <OneField
            key={field.name}
            field={field}
            value={one.values[field.name] ?? ''}
            onChange={value => onChange({ ...one, values: { ...one.values, [field.name]: value } })}
          />
        ))}
      </div>
      <div className="filter-foot">
        <label className="check">
          <input
            type="checkbox"
            checked={one.not}
            onChange={event => onChange({ ...one, not: event.target.checked })}
          />
          It is not so
        </label>
        <button type="button" className="button quiet" onClick={onRemove}>
          <Icon of={Close} size={16} /> Take away<span className="unseen"> {label}</span>
        </button>
      </div>
      {lacks && <p className="hint-line">{lacks}</p>}
    </fieldset>
  )
}

interface FieldProps {
  field: Field
  value: string | readonly string[]
  onChange(value: string | readonly string[]): void
}

function OneField({ field, value, onChange }: FieldProps) {
  if (field.kind === 'choices') return <Choices field={field} value={value} onChange={onChange} />
  return (
    <Labelled label={field.label}>
      <input
        value={String(value)}
        inputMode={field.kind === 'words' ? 'text' : field.kind === 'dollars' ? 'decimal' : 'numeric'}
        maxLength={field.kind === 'words' ? 200 : 10}
        onChange={event => onChange(event.target.value)}
      />
    </Labelled>
  )
}

function Choices({ field, value, onChange }: FieldProps) {
  const id = useId()
  const chosen = typeof value === 'string' ? [] : value
  const toggle = (one: string, on: boolean) => onChange(on ? [...chosen, one] : chosen.filter(other => other !== one))
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset of a fieldset cannot be laid out beside its neighbours
    <div className="filter-choices" role="group" aria-labelledby={id}>
      <span id={id} className="copy-label">
        {field.label}
      </span>
      {(field.options ?? []).map(([one, name]) => (
        <label key={one} className="check">
          <input type="checkbox" checked={chosen.includes(one)} onChange={event => toggle(one, event.target.checked)} />
          {name}
        </label>
      ))}
    </div>
  )
}
