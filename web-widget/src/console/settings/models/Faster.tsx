import { SavedFirst } from '../SavedFirst'
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

/** A colleague's policy beside one's own. */
export function Faster({ of, file, mine, known, onChoose, onClose }: Props) {
  const policyOf = (version: PolicyVersion) => (version.policy ? tidy(version.policy) : file)
  const [base, theirs] = [policyOf(of.base), policyOf(of.theirs)]
  return (
    <SavedFirst
      who={of.theirs.by ?? 'Somebody'}
      number={of.theirs.number}
      theirs={<Differences of={differences(base, theirs, known)} />}
      mine={<Differences of={differences(base, mine, known)} />}
      onTop
      onChoose={mineToo => onChoose(theirs, of.theirs.number, mineToo)}
      onClose={onClose}
    />
  )
}
