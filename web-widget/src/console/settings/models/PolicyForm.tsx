import { AddIcon, Close } from '../../../design/icons'
import { Icon } from '../../Icon'
import { Block, Field } from '../frame'
import { MoneyField } from './MoneyField'
import {
  asDefault,
  BUDGETS,
  DEFAULT,
  exceptions,
  isSame,
  type Place,
  type Policy,
  type PromptsOffered,
  placeName,
  promptName,
  promptOf,
  type Shadow,
  wayAt,
  wayWords,
  withPrompt,
  withWay,
} from './policy'
import { ShadowFields } from './ShadowFields'
import { WayFields } from './WayFields'

interface Props {
  policy: Policy
  /** The file's: what differs from it is marked. */
  file: Policy
  known: readonly string[]
  agents: readonly string[]
  prompts: readonly PromptsOffered[]
  onEdit(policy: Policy): void
  /** A field whose words mean no value, or mean one again. */
  onFault(field: string, wrong: boolean): void
}

/** The whole policy, in parts. */
export function PolicyForm({ policy, file, known, agents, prompts, onEdit, onFault }: Props) {
  const { own, free } = exceptions(policy, agents)
  const marked = (place: Place) => !isSame(wayAt(policy, place), wayAt(file, place))
  return (
    <>
      <Block title="How all turns are answered" words={wayWords(policy, DEFAULT, known)}>
        {marked(DEFAULT) && <NotTheFiles />}
        <WayFields
          policy={policy}
          place={DEFAULT}
          known={known}
          onChange={way => onEdit(withWay(policy, DEFAULT, way))}
        />
      </Block>
      <Block
        title="Exceptions"
        words="Other ways for low or high stakes (money, dates, allergens), or for one agent, which comes before its stakes."
      >
        {own.map(place => (
          <fieldset key={placeName(place)} className="exception">
            <legend>
              {placeName(place)} {marked(place) && <NotTheFiles />}
            </legend>
            <p className="soft small">{wayWords(policy, place, known)}</p>
            <WayFields
              policy={policy}
              place={place}
              known={known}
              onChange={way => onEdit(withWay(policy, place, way))}
            />
            <button type="button" className="button quiet" onClick={() => onEdit(withWay(policy, place, null))}>
              <Icon of={Close} size={16} /> As all turns<span className="unseen">: {placeName(place)}</span>
            </button>
          </fieldset>
        ))}
        <AddTo
          label="Another way for"
          from={free.map(placeName)}
          onAdd={name => {
            const place = free.find(one => placeName(one) === name)
            if (place) onEdit(withWay(policy, place, asDefault()))
          }}
        />
      </Block>
      {prompts.length > 0 && (
        <Block
          title="Instructions"
          words="What models are told, in versions. On the command line hibachi eval compares them side by side."
        >
          {!isSame(policy.prompts, file.prompts) && <NotTheFiles />}
          <div className="pair">
            {prompts.map(offered => (
              <PromptChoice
                key={offered.name}
                offered={offered}
                value={promptOf(policy, offered.name)}
                onChange={version => onEdit(withPrompt(policy, offered.name, version))}
              />
            ))}
          </div>
        </Block>
      )}
      <Block
        title="Budgets"
        words="In dollars. Reserved before a call and settled after it; over a budget the house answers. Empty: no limit; 0: no model is asked."
      >
        {!isSame(policy.budget, file.budget) && <NotTheFiles />}
        <div className="pair">
          {BUDGETS.map(({ id, name }) => (
            <MoneyField
              key={id}
              label={name}
              cents={policy.budget[id]}
              onChange={cents => {
                onFault(id, cents === undefined)
                if (cents !== undefined) onEdit({ ...policy, budget: { ...policy.budget, [id]: cents } })
              }}
            />
          ))}
        </div>
      </Block>
      <Block
        title="Shadows"
        words="Candidates that answer the same turns silently, in workers. Customers never see them and never wait for them."
      >
        {!isSame(policy.shadows, file.shadows) && <NotTheFiles />}
        {policy.shadows.map((shadow, place) => (
          <ShadowFields
            key={shadow.model}
            shadow={shadow}
            known={known}
            agents={agents}
            onChange={next =>
              onEdit({ ...policy, shadows: policy.shadows.map((one, n) => (n === place ? next : one)) })
            }
            onFault={wrong => onFault(`shadow ${shadow.model}`, wrong)}
            onRemove={() => {
              onFault(`shadow ${shadow.model}`, false)
              onEdit({ ...policy, shadows: policy.shadows.filter(one => one !== shadow) })
            }}
          />
        ))}
        <AddTo
          label="Let another model listen"
          from={known.filter(name => !policy.shadows.some(shadow => shadow.model === name))}
          onAdd={name => onEdit({ ...policy, shadows: [...policy.shadows, listening(name)] })}
        />
      </Block>
    </>
  )
}

interface PromptProps {
  offered: PromptsOffered
  value: string
  onChange(version: string): void
}

/** Which version of somebody's instructions holds, and what it is. */
function PromptChoice({ offered, value, onChange }: PromptProps) {
  const chosen = offered.versions.find(one => one.version === value)
  const hint = chosen
    ? [chosen.about, chosen.changed].filter(Boolean).join(' ')
    : 'Nobody wrote this version: the usual one holds.'
  return (
    <Field label={promptName(offered.name)} hint={hint}>
      <select value={value} onChange={e => onChange(e.target.value)}>
        {!chosen && <option value={value}>{value}</option>}
        {offered.versions.map(one => (
          <option key={one.version} value={one.version}>
            {one.version}
          </option>
        ))}
      </select>
    </Field>
  )
}

/** As the settings have it where nothing else is said. */
function listening(model: string): Shadow {
  return { model, sample: 1, day_cents: 200, concurrency: 2, agents: [], critic: null, critic_sample: 1 }
}

function NotTheFiles() {
  return <span className="chip not-the-files">not as in the file</span>
}

interface AddProps {
  label: string
  from: readonly string[]
  onAdd(name: string): void
}

/** Buttons for what may be added; nothing where there is nothing more. */
function AddTo({ label, from, onAdd }: AddProps) {
  if (from.length === 0) return null
  return (
    <div className="add-to">
      <span className="soft small">{label}</span>
      {from.map(name => (
        <button key={name} type="button" className="button quiet" onClick={() => onAdd(name)}>
          <Icon of={AddIcon} size={16} /> {name}
        </button>
      ))}
    </div>
  )
}
