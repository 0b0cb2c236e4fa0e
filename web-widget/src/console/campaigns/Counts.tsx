/** Who would get it, asked a moment after the last change of the filter. */
import { useCallback } from 'react'
import { usePause } from '../settings/emails/pause'
import { type Resource, useLoaded } from '../settings/loading'
import { useApi } from '../settings/session'
import { count } from '../settings/texting/texting'
import type { Count, Filter } from './campaigns'
import { counted, LANGUAGE, leftOut, zoneName } from './words'

const AFTER_MS = 350

export function useCount(filter: Filter) {
  const { post } = useApi()
  const asked = usePause(JSON.stringify(filter), AFTER_MS)
  const load = useCallback(
    () => post<Count>('segments/count', { audience: { filter: JSON.parse(asked) as Filter } }),
    [post, asked],
  )
  return useLoaded(load)
}

export function LiveCount({ of: found }: { of: Resource<Count> }) {
  return (
    <div className="live-count">
      <p role="status" className={found.waiting ? 'soft' : ''}>
        {found.why ?? (found.value ? counted(found.value) : 'Counting')}
      </p>
      {found.value && <Counts of={found.value} />}
    </div>
  )
}

export function Counts({ of }: { of: Count }) {
  const shares = [...named(of.locales, one => LANGUAGE[one] ?? one), ...named(of.zones, zoneName)]
  return (
    <>
      {shares.length > 0 && (
        <ul className="count-shares">
          {shares.map(([name, n]) => (
            <li key={name} className="chip">
              {name} {n.toLocaleString('en-US')}
            </li>
          ))}
        </ul>
      )}
      {of.left_out.length > 0 && (
        <details className="small">
          <summary>
            {count(
              of.left_out.reduce((sum, one) => sum + one.customers, 0),
              'customer',
            )}{' '}
            left out, and why
          </summary>
          <ul className="left-out">
            {of.left_out.map(one => (
              <li key={one.why}>
                <span className="figure">{one.customers.toLocaleString('en-US')}</span> {leftOut(one.why)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

function named(counts: Readonly<Record<string, number>>, name: (key: string) => string): [string, number][] {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([key, n]) => [name(key), n])
}
