import type { ReactNode } from 'react'
import { Field } from '../frame'
import { ModelOrder } from './ModelOrder'
import {
  DEFAULT,
  impassable,
  type Place,
  type Policy,
  placeName,
  resolved,
  STRATEGIES,
  type Strategy,
  type Way,
  wayAt,
} from './policy'

interface Props {
  policy: Policy
  place: Place
  /** Names of the models of the settings, in their order. */
  known: readonly string[]
  onChange(way: Way): void
}

/** One way of answering: the strategy, the models in their order, and what the strategy needs besides. */
export function WayFields({ policy, place, known, onChange }: Props) {
  const way = wayAt(policy, place)
  const base = place.kind === 'default' ? null : resolved(policy, DEFAULT, known)
  const now = resolved(policy, place, known)
  const set = (some: Partial<Way>) => onChange({ ...way, ...some })
  const about = STRATEGIES.find(one => one.id === now.strategy)
  const inherited = (name: string | null, nobody: string) => (base ? `As all turns (${name ?? nobody})` : nobody)
  return (
    <div className="way">
      <Field label="Strategy" hint={about?.words}>
        <select
          value={way.strategy ?? ''}
          onChange={e => set({ strategy: (e.target.value || null) as Strategy | null })}
        >
          {base && <option value="">As all turns ({base.strategy})</option>}
          {STRATEGIES.map(one => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      </Field>
      <ModelOrder
        label={`Models for: ${placeName(place)}`}
        value={way.models}
        choices={known}
        otherwise={
          base ? 'The same models as for all turns' : `All models, in the order of the settings: ${known.join(', ')}`
        }
        onChange={models => set({ models })}
      />
      <p className="wrong-line" role="status">
        {impassable(policy, place, known)}
      </p>
      {now.strategy === 'consensus' && (
        <div className="pair">
          <Chosen
            label="Student, who answers beside the first"
            value={way.student}
            none={inherited(base?.student ?? null, 'Nobody yet')}
            from={known}
            onChange={student => set({ student })}
          />
          <Chosen
            label="Critic, who judges"
            value={way.critic}
            none={inherited(base?.critic ?? null, 'Nobody: the better grounded answer')}
            from={known}
            onChange={critic => set({ critic })}
          />
        </div>
      )}
      {now.strategy === 'hedge' && (
        <Field
          label="The second starts after (ms)"
          hint={base ? 'Empty: as for all turns.' : 'Empty: after what the first usually takes at most (its p95).'}
        >
          <input
            type="number"
            min={1}
            max={60_000}
            value={way.hedge_after_ms ?? ''}
            onChange={e => set({ hedge_after_ms: e.target.value === '' ? null : Number(e.target.value) })}
          />
        </Field>
      )}
    </div>
  )
}

interface ChosenProps {
  label: string
  value: string | null
  none: string
  from: readonly string[]
  hint?: ReactNode
  onChange(name: string | null): void
}

/** One of the models, or none. */
export function Chosen({ label, value, none, from, hint, onChange }: ChosenProps) {
  return (
    <Field label={label} hint={hint}>
      <select value={value ?? ''} onChange={e => onChange(e.target.value || null)}>
        <option value="">{none}</option>
        {from.map(name => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </Field>
  )
}
