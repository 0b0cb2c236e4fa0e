/** A policy that is being edited, on the version that it began with; kept in the tab while one looks elsewhere. Pure. */
import { type Ensemble, type Policy, tidy } from './policy'

export interface Draft {
  basedOn: number
  base: Policy
  policy: Policy
}

export function begin(from: Pick<Ensemble, 'number' | 'policy'>): Draft {
  const policy = tidy(from.policy)
  return { basedOn: from.number, base: policy, policy }
}

/** What was kept, where it still reads as a draft. */
export function taken(words: string | null): Draft | null {
  if (words === null) return null
  try {
    const found = JSON.parse(words) as Partial<Draft> | null
    const whole = typeof found?.basedOn === 'number' && isPolicy(found.base) && isPolicy(found.policy)
    return whole ? (found as Draft) : null
  } catch {
    return null
  }
}

const PARTS: readonly (keyof Policy)[] = ['answer', 'strategy', 'stakes', 'agents', 'prompts', 'budget', 'shadows']

function isPolicy(value: unknown): value is Policy {
  return typeof value === 'object' && value !== null && PARTS.every(part => part in value)
}
