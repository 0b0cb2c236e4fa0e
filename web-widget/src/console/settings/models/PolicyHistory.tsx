import { useState } from 'react'
import { Sure } from '../../Sure'
import { moment } from '../../when'
import { Block, Older } from '../frame'
import { useSaving } from '../loading'
import { useApi } from '../session'
import { Differences } from './Differences'
import { differences, type Ensemble, type PolicyVersion, tidy } from './policy'

interface Props {
  ensemble: Ensemble
  known: readonly string[]
  /** There are changes that are not saved yet. */
  changed: boolean
  busy: boolean
  onRestore(number: number): void
}

/** Who saved which policy and when; any of them can count again. */
export function PolicyHistory({ ensemble, known, changed, busy, onRestore }: Props) {
  const { get } = useApi()
  const saving = useSaving()
  const [older, setOlder] = useState<{ versions: readonly PolicyVersion[]; more: boolean }>({
    versions: [],
    more: ensemble.more,
  })
  const [asked, setAsked] = useState<PolicyVersion | null>(null)
  const last = ensemble.versions.at(-1)
  const all = [...ensemble.versions, ...older.versions.filter(one => last !== undefined && one.number < last.number)]
  const more = async (before: string) => {
    const page = await saving.run(() =>
      get<{ versions: PolicyVersion[]; more: boolean }>(`ensemble/versions?before=${before}`),
    )
    if (page) setOlder({ versions: [...older.versions, ...page.versions], more: page.more })
  }
  const policyOf = (version: PolicyVersion | undefined) => tidy(version?.policy ?? ensemble.file)
  return (
    <Block title="History" words="Every policy that was saved. Nothing is deleted by going back to one.">
      {all.length === 0 && <p className="soft">Nobody saved one yet: hibachi.toml says how models answer.</p>}
      <ol className="versions">
        {all.map((version, place) => {
          const before = all[place + 1]
          return (
            <li key={version.number}>
              <div className="version">
                <div>
                  <p className="line">
                    <strong>
                      {version.policy ? `Version ${version.number}` : `Version ${version.number}: the file’s`}
                    </strong>
                    {version.number === ensemble.number && <span className="chip person">current</span>}
                  </p>
                  <p className="soft small">
                    {version.by ?? 'Nobody of the staff'}
                    {version.at && (
                      <>
                        {' · '}
                        <time dateTime={version.at}>{moment(version.at)}</time>
                      </>
                    )}
                    {version.note && ` · ${version.note}`}
                  </p>
                </div>
                {version.number !== ensemble.number && (
                  <button type="button" className="button" disabled={busy} onClick={() => setAsked(version)}>
                    Restore<span className="unseen"> version {version.number}</span>
                  </button>
                )}
              </div>
              {(before || !older.more) && (
                <details>
                  <summary>
                    What changed<span className="unseen"> in version {version.number}</span>
                  </summary>
                  <Differences of={differences(policyOf(before), policyOf(version), known)} />
                </details>
              )}
            </li>
          )
        })}
      </ol>
      <Older cursor={older.more ? String(all.at(-1)?.number) : null} at={saving.at} more={more} />
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
          <p className="soft">It counts at once, at every gateway.{changed && ' Your unsaved changes are dropped.'}</p>
          <Differences of={differences(tidy(ensemble.policy), policyOf(asked), known)} />
        </Sure>
      )}
    </Block>
  )
}
