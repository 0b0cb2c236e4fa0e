/** A guide: one step after another, each with what is known of it, and the button that leads there or proposes it. */
import { useState } from 'react'
import { Again, Done, IdleIcon } from '../../design/icons'
import { Icon } from '../Icon'
import { explain, useApi } from '../settings/session'
import { type Deed, type Guide, type GuideStep, within } from './asking'

const STATES: Record<GuideStep['state'], string> = { done: 'Done', todo: 'To do', unknown: 'Look for yourself' }

interface Props {
  guide: Guide
  onGuide(guide: Guide): void
  onProposed(deeds: Deed[]): void
  onFollow(): void
}

export function Checklist({ guide, onGuide, onProposed, onFollow }: Props) {
  const api = useApi()
  const [fault, setFault] = useState<string | null>(null)
  const run = async (work: () => Promise<void>) => {
    setFault(null)
    try {
      await work()
    } catch (error) {
      setFault(explain(error))
    }
  }
  const { conversation } = guide
  const about = { guide: guide.guide, ...(conversation && { conversation }) }
  const again = () => run(async () => onGuide(await api.post<Guide>('assistant/guides', about)))
  const propose = (verb: string) =>
    run(async () => {
      const { items } = await api.post<{ items: Deed[] }>('assistant/proposals', { verb, conversation })
      if (items.length === 0) setFault('There is nothing on which this could be done just now.')
      onProposed(items)
    })
  return (
    <section className="guide" aria-label={guide.title}>
      <ol>
        {guide.steps.map(step => (
          <li key={step.text} className={step.state}>
            <span className="guide-state">
              <Icon of={step.state === 'done' ? Done : IdleIcon} size={18} />
              <span className="unseen">{STATES[step.state]}: </span>
            </span>
            <p>{step.text}</p>
            <Way step={step} onPropose={propose} onFollow={onFollow} />
          </li>
        ))}
      </ol>
      {fault && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      <button type="button" className="button quiet" onClick={() => void again()}>
        <Icon of={Again} size={16} /> Look again
      </button>
    </section>
  )
}

interface WayProps {
  step: GuideStep
  onPropose(verb: string): void
  onFollow(): void
}

function Way({ step, onPropose, onFollow }: WayProps) {
  const link = within(step.link)
  const { verb } = step
  if (verb)
    return (
      <button type="button" className="button" aria-label={`Propose it: ${step.text}`} onClick={() => onPropose(verb)}>
        Propose it
      </button>
    )
  if (!link) return null
  return (
    <a className="button" href={link} onClick={onFollow} aria-label={`${step.label ?? 'Open'}: ${step.text}`}>
      {step.label ?? 'Open'}
    </a>
  )
}
