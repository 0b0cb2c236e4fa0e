/** A report beside the answer: its rows, how they were counted, and all of them as a file. */
import { useId, useState } from 'react'
import { Save } from '../../design/icons'
import { Icon } from '../Icon'
import { explain, useSession } from '../settings/session'
import { cellOf, exportTable, isFigure, type Table, within } from './asking'

export function Report({ table, onFollow }: { table: Table; onFollow(): void }) {
  const { session, onEnded } = useSession()
  const title = useId()
  const [saving, setSaving] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const save = async () => {
    setSaving(true)
    setFault(null)
    try {
      await exportTable(table, session.csrf)
    } catch (error) {
      if (error instanceof Error && 'status' in error && error.status === 401) onEnded()
      else setFault(explain(error))
    } finally {
      setSaving(false)
    }
  }
  return (
    <section className="report" aria-labelledby={title}>
      <header className="report-head">
        <h3 id={title}>
          {table.title} <span className="tally">{table.total}</span>
        </h3>
        {table.total > 0 && (
          <button type="button" className="button" disabled={saving} onClick={() => void save()}>
            <Icon of={Save} size={16} /> Export CSV
          </button>
        )}
      </header>
      {fault && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      {table.rows.length > 0 && <Rows table={table} onFollow={onFollow} />}
      <details className="report-counted">
        <summary>How this was counted</summary>
        <p>{table.counted}</p>
        {table.rows.length < table.total && (
          <p>
            The first {table.rows.length} of {table.total} are shown; the file holds all of them.
          </p>
        )}
      </details>
    </section>
  )
}

function Rows({ table, onFollow }: { table: Table; onFollow(): void }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys too
    <section className="report-rows" tabIndex={0} aria-label={`Rows of ${table.title}`}>
      <table>
        <thead>
          <tr>
            {table.columns.map(column => (
              <th key={column.name} scope="col" className={isFigure(column.kind) ? 'figure' : undefined}>
                {column.kind === 'link' ? <span className="unseen">{column.title}</span> : column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows never move
            <tr key={at}>
              {table.columns.map((column, place) => {
                const value = row[place] ?? null
                if (column.kind !== 'link')
                  return (
                    <td key={column.name} className={isFigure(column.kind) ? 'figure' : undefined}>
                      {cellOf(value, column.kind)}
                    </td>
                  )
                const link = within(`#/c/${value}`)
                return (
                  <td key={column.name}>
                    {link && (
                      <a href={link} onClick={onFollow} aria-label={`Open the conversation, row ${at + 1}`}>
                        Open
                      </a>
                    )}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
