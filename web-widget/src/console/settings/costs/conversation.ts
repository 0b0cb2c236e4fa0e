/** What the conversation that is open has cost, for owners and admins; asked again once a reply has been paid for. */
import { useEffect, useState } from 'react'
import { useDesk } from '../../hooks'
import type { Fact } from '../../known'
import { dollars } from '../figures'
import { CHIEFS } from '../registry'
import { useApi } from '../session'

interface Spent {
  microdollars: number
  limit?: number
}

/** A reply's bill is written a moment after its last word. */
const BILLED_MS = 2000

/** One line for the details, or none: where nothing was spent, or nobody may know. */
export function useCost(id: string): readonly Fact[] {
  const { get } = useApi()
  const role = useDesk(d => d.me.role)
  const head = useDesk(d => d.threads[id]?.after ?? null)
  const [known, setKnown] = useState<{ id: string; spent: Spent } | null>(null)
  const here = known?.id === id
  // biome-ignore lint/correctness/useExhaustiveDependencies: another message is a reason to ask again, what is known is not
  useEffect(() => {
    if (!CHIEFS.some(chief => chief === role)) return
    let gone = false
    const ask = () =>
      void get<Spent>(`conversations/${id}/cost`).then(
        spent => gone || setKnown({ id, spent }),
        () => {}, // a line that is missing tells nothing wrong
      )
    const timer = setTimeout(ask, here ? BILLED_MS : 0)
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [get, role, id, head])
  return here ? factOf(known.spent) : []
}

export function factOf({ microdollars, limit }: Spent): readonly Fact[] {
  if (microdollars === 0) return []
  return [['Models', limit === undefined ? dollars(microdollars) : `${dollars(microdollars)} of ${dollars(limit)}`]]
}
