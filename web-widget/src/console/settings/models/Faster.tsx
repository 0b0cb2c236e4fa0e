import { useEffect, useRef } from 'react'
import { Differences } from './Differences'
import { differences, type Policy, type PolicyVersion, tidy } from './policy'

/** What a refusal tells where somebody saved first. */
export interface FasterDetails {
  base: PolicyVersion
  theirs: PolicyVersion
}

interface Props {
  of: FasterDetails
  file: Policy
  mine: Policy
  known: readonly string[]
  onChoose(theirs: Policy, number: number, mineToo: boolean): void
  onClose(): void
}

/** Somebody saved first: what they changed, what oneself did, and what to do now. */
export function Faster({ of, file, mine, known, onChoose, onClose }: Props) {
  const who = of.theirs.by ?? 'Somebody'
  const policyOf = (version: PolicyVersion) => (version.policy ? tidy(version.policy) : file)
  const [base, theirs] = [policyOf(of.base), policyOf(of.theirs)]
  const box = useRef<HTMLElement>(null)
  useEffect(() => box.current?.focus(), [])
  return (
    <section ref={box} className="faults" aria-label="Somebody was faster" role="alert" tabIndex={-1}>
      <h2>
        {who} saved version {of.theirs.number} while you were editing
      </h2>
      <p className="soft">Nothing of yours was stored, and nothing is lost.</p>
      <div className="pair">
        <div>
          <h3>{who} changed</h3>
          <Differences of={differences(base, theirs, known)} />
        </div>
        <div>
          <h3>You changed</h3>
          <Differences of={differences(base, mine, known)} />
        </div>
      </div>
      <div className="actions start">
        <button type="button" className="button primary" onClick={() => onChoose(theirs, of.theirs.number, true)}>
          Put mine on top of theirs
        </button>
        <button type="button" className="button" onClick={() => onChoose(theirs, of.theirs.number, false)}>
          Take theirs, drop mine
        </button>
        <button type="button" className="button quiet" onClick={onClose}>
          Not now
        </button>
      </div>
    </section>
  )
}
