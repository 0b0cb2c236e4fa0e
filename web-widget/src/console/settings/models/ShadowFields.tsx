import { Close } from '../../../design/icons'
import { Icon } from '../../Icon'
import { Field } from '../frame'
import { MoneyField } from './MoneyField'
import { agentName, percent, type Shadow } from './policy'
import { Chosen } from './WayFields'

interface Props {
  shadow: Shadow
  known: readonly string[]
  agents: readonly string[]
  onChange(shadow: Shadow): void
  onFault(wrong: boolean): void
  onRemove(): void
}

/** A candidate that answers silently: how many of the turns, at what cost, judged by whom. */
export function ShadowFields({ shadow, known, agents, onChange, onFault, onRemove }: Props) {
  const set = (some: Partial<Shadow>) => onChange({ ...shadow, ...some })
  return (
    <fieldset className="shadow-fields">
      <legend>{shadow.model}</legend>
      <Share label={`Turns that ${shadow.model} answers`} value={shadow.sample} onChange={sample => set({ sample })} />
      <div className="pair">
        <MoneyField
          label="Budget a day, in dollars"
          cents={shadow.day_cents}
          onChange={day_cents => {
            onFault(day_cents === undefined)
            if (day_cents !== undefined) set({ day_cents })
          }}
        />
        <Field label="Answers at once" hint="1 to 50, over all workers">
          <input
            type="number"
            required
            min={1}
            max={50}
            value={shadow.concurrency}
            onChange={e => set({ concurrency: Number(e.target.value) })}
          />
        </Field>
      </div>
      <Chosen
        label="Critic, who says which answer is better"
        value={shadow.critic}
        none="Nobody is asked"
        from={known}
        onChange={critic => set({ critic })}
      />
      {shadow.critic !== null && (
        <Share
          label={`Pairs that ${shadow.critic} sees`}
          value={shadow.critic_sample}
          onChange={critic_sample => set({ critic_sample })}
        />
      )}
      <details>
        <summary className="small">
          {shadow.agents.length === 0
            ? 'Turns of all agents'
            : `Only turns of ${shadow.agents.map(agentName).join(', ')}`}
        </summary>
        <div className="agent-checks">
          {agents.map(agent => (
            <label key={agent} className="check">
              <input
                type="checkbox"
                checked={shadow.agents.includes(agent)}
                onChange={e =>
                  set({
                    agents: e.target.checked ? [...shadow.agents, agent] : shadow.agents.filter(one => one !== agent),
                  })
                }
              />
              {agentName(agent)}
            </label>
          ))}
        </div>
      </details>
      <button type="button" className="button quiet" onClick={onRemove}>
        <Icon of={Close} size={16} /> Take {shadow.model} away
      </button>
    </fieldset>
  )
}

interface ShareProps {
  label: string
  value: number
  onChange(share: number): void
}

/** A share by a slider; the number stands beside it. */
function Share({ label, value, onChange }: ShareProps) {
  return (
    <div className="share">
      <label className="labelled">
        {label}
        <input
          type="range"
          min={0}
          max={100}
          step={1}
          value={Math.round(value * 100)}
          aria-valuetext={percent(value)}
          onChange={e => onChange(Number(e.target.value) / 100)}
        />
      </label>
      <output>{percent(value)}</output>
    </div>
  )
}
