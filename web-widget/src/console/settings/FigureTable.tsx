/** A table of figures: what the row is at the left, numbers at the right. One that is wider than its place is moved by keys as well. */
import type { ReactNode } from 'react'

interface Column {
  name: string
  className: string
}

interface Props {
  /** What it shows, for who cannot see where it stands. */
  label: string
  columns: readonly (string | Column)[]
  /** Its rows. */
  children: ReactNode
}

export function FigureTable({ label, columns, children }: Props) {
  const heads = columns.map(one => (typeof one === 'string' ? { name: one, className: undefined } : one))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <section className="figure-scroll" aria-label={label} tabIndex={0}>
      <table className="figure-table">
        <thead>
          <tr>
            {heads.map(one => (
              <th key={one.name} scope="col" className={one.className}>
                {one.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  )
}
