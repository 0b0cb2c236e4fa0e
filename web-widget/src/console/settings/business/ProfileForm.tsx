import { useId } from 'react'
import { Block } from '../frame'
import { type Draft, faultAt, standing, type } from './draft'
import { Hours } from './Hours'
import { Allergens, Menu } from './Menu'
import { at, dotted, type Json } from './profile'
import { SpecialDays } from './SpecialDays'
import { DEPOSITS, type FieldDef, LEAD, NAME, PRICES, READ_FIRST, type Section, station } from './sections'

export interface Editing {
  draft: Draft
  onEdit(next: Draft): void
}

/** What an owner changes, grouped as one thinks of it; everything else is in the text. */
export function ProfileForm(editing: Editing) {
  const stations = (at(editing.draft.content, ['travel', 'stations']) ?? []) as readonly Json[]
  return (
    <>
      <Fields section={NAME} {...editing} />
      <Hours {...editing} />
      <SpecialDays {...editing} />
      <Fields section={PRICES} {...editing} />
      <Fields section={DEPOSITS} {...editing} />
      {stations.map((one, n) => {
        const name = String(at(one, ['name']) ?? n + 1)
        return <Fields key={name} section={station(n, name)} {...editing} />
      })}
      <Fields section={LEAD} {...editing} />
      <Menu {...editing} />
      <Allergens {...editing} />
      <Fields section={READ_FIRST} {...editing} />
    </>
  )
}

function Fields({ section, ...editing }: Editing & { section: Section }) {
  return (
    <Block title={section.title} words={section.words}>
      <div className="fields">
        {section.fields.map(def => (
          <ProfileField key={dotted(def.path)} def={def} {...editing} />
        ))}
      </div>
    </Block>
  )
}

/** One value with its label, its unit, and what is wrong with it. */
export function ProfileField({ def, draft, onEdit }: Editing & { def: FieldDef }) {
  const id = useId()
  const { path, label, kind, unit, hint, long } = def
  const fault = faultAt(draft, path)
  const props = {
    id,
    'data-path': dotted(path),
    value: standing(draft, path, kind),
    'aria-invalid': fault !== null,
    'aria-describedby': fault ? `${id}-fault` : hint ? `${id}-hint` : undefined,
    onChange: (e: { target: { value: string } }) => onEdit(type(draft, path, kind, e.target.value)),
  }
  return (
    <div className={`profile-field ${long ? 'long' : ''}`}>
      <label className="labelled" htmlFor={id}>
        {label}
        <span className="with-unit">
          {kind === 'money' && <span aria-hidden="true">$</span>}
          {long ? (
            <textarea rows={2} {...props} />
          ) : (
            <input {...props} inputMode={{ money: 'decimal', count: 'numeric', text: undefined }[kind] as 'decimal'} />
          )}
          {unit && <span>{unit}</span>}
        </span>
      </label>
      {hint && (
        <p id={`${id}-hint`} className="hint-line">
          {hint}
        </p>
      )}
      <p id={`${id}-fault`} className="wrong-line" role="status">
        {fault}
      </p>
    </div>
  )
}
