import type { Difference } from './policy'

/** What changes, a line for each thing. */
export function Differences({ of }: { of: readonly Difference[] }) {
  if (of.length === 0) return <p className="soft small">Nothing differs.</p>
  return (
    <ul className="differences">
      {of.map(({ what, before, after }) => (
        <li key={what}>
          <span className="soft small">{what}</span>
          <span>
            <del>{before}</del> <span aria-hidden="true">→</span> <ins>{after}</ins>
          </span>
        </li>
      ))}
    </ul>
  )
}
