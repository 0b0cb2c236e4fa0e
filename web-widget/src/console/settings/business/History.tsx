import { useCallback, useState } from 'react'
import { Sure } from '../../Sure'
import { moment } from '../../when'
import { Here } from '../frame'
import { useLoaded } from '../loading'
import { useApi } from '../session'
import type { Change, Entry, ProfileAnswer, Version } from './profile'
import { author, sentence } from './telling'

interface Props {
  answer: ProfileAnswer
  busy: boolean
  /** There are changes that are not saved yet. */
  changed: boolean
  onRestore(number: number): void
}

/** Who saved what and when; any of it can count again. */
export function History({ answer, busy, changed, onRestore }: Props) {
  const { get } = useApi()
  const [older, setOlder] = useState<readonly Entry[]>([])
  const [end, setEnd] = useState(!answer.more)
  const [asked, setAsked] = useState<Entry | null>(null)
  const all = [...answer.versions, ...older]
  const more = async () => {
    const next = await get<ProfileAnswer>(`profile?before=${all.at(-1)?.number ?? 1}`)
    setOlder([...older, ...next.versions])
    setEnd(!next.more)
  }
  return (
    <>
      <ol className="versions">
        {all.map(entry => (
          <li key={entry.number}>
            <div className="version">
              <div>
                <p className="line">
                  <strong>Version {entry.number}</strong>
                  {entry.number === answer.current.number && <span className="chip person">current</span>}
                  {entry.restored !== undefined && <span className="chip">restored from {entry.restored}</span>}
                </p>
                <p className="soft small">
                  {author(entry)} · <time dateTime={entry.at}>{moment(entry.at)}</time>
                  {entry.note && ` · ${entry.note}`}
                </p>
              </div>
              {entry.number !== answer.current.number && (
                <button type="button" className="button" disabled={busy} onClick={() => setAsked(entry)}>
                  Restore<span className="unseen"> version {entry.number}</span>
                </button>
              )}
            </div>
            {entry.based_on !== undefined && <WhatChanged number={entry.number} />}
          </li>
        ))}
      </ol>
      {!end && (
        <button type="button" className="button" onClick={() => void more()}>
          Older versions
        </button>
      )}
      {asked && (
        <Sure
          title={`Restore version ${asked.number}?`}
          deed="Restore"
          leave="Cancel"
          onSure={() => {
            setAsked(null)
            onRestore(asked.number)
          }}
          onClose={() => setAsked(null)}
        >
          <p className="soft">
            It becomes the next version and counts at once. Nothing is deleted: version {answer.current.number} stays in
            the history.{changed && ' Your unsaved changes are dropped.'}
          </p>
        </Sure>
      )}
    </>
  )
}

function WhatChanged({ number }: { number: number }) {
  const [open, setOpen] = useState(false)
  return (
    <details onToggle={e => setOpen(e.currentTarget.open)}>
      <summary>
        What changed<span className="unseen"> in version {number}</span>
      </summary>
      {open && <Asked number={number} />}
    </details>
  )
}

function Asked({ number }: { number: number }) {
  const { get } = useApi()
  const load = useCallback(() => get<Version>(`profile/versions/${number}`), [get, number])
  const version = useLoaded(load)
  return <Here of={version}>{({ changes }) => <Differences changes={changes} />}</Here>
}

export function Differences({ changes }: { changes: readonly Change[] }) {
  if (changes.length === 0) return <p className="soft small">Nothing differs.</p>
  return (
    <ul className="differences">
      {changes.map(change => {
        const { what, before, after } = sentence(change)
        return (
          <li key={change.path}>
            <span className="soft small">{what}</span>
            <span>
              <del>{before}</del> <span aria-hidden="true">→</span> <ins>{after}</ins>
            </span>
          </li>
        )
      })}
    </ul>
  )
}
