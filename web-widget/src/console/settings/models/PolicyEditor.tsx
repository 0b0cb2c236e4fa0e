import { useEffect, useMemo, useState } from 'react'
import { browserShelf } from '../../../protocol/courier'
import { ApiError } from '../../api'
import { Dialog } from '../../Dialog'
import { explain, useApi, useSession } from '../session'
import { Differences } from './Differences'
import { begin, type Draft, taken } from './draft'
import { Faster, type FasterDetails } from './Faster'
import { PolicyForm } from './PolicyForm'
import { PolicyHistory } from './PolicyHistory'
import { combined, differences, type Ensemble, HOUSE, isSame, type Policy, type PolicyFault, tidy } from './policy'

interface Props {
  ensemble: Ensemble
  onSaved(ensemble: Ensemble): void
}

/** Of this tab; where a browser gives none, a draft lives as long as its page. */
const SHELF = browserShelf(() => sessionStorage)

/** The policy as it is edited: saved after a question that says what changes, beside what somebody faster saved where somebody did. */
export function PolicyEditor({ ensemble, onSaved }: Props) {
  const { post, put } = useApi()
  const shelf = `hibachi:policy-draft:${useSession().session.staff.id}`
  const known = useMemo(() => ensemble.models.map(one => one.name).filter(name => name !== HOUSE), [ensemble.models])
  const [draft, setDraft] = useState<Draft>(() => taken(SHELF.get(shelf)) ?? begin(ensemble))
  const [wrong, setWrong] = useState<readonly string[]>([])
  const [faults, setFaults] = useState<readonly PolicyFault[]>([])
  const [faster, setFaster] = useState<FasterDetails | null>(null)
  const [asking, setAsking] = useState<'save' | 'file' | null>(null)
  const [busy, setBusy] = useState(false)
  const [said, setSaid] = useState<{ good: boolean; words: string } | null>(null)
  // Fields hold what is typed; another beginning is another set of fields.
  const [beginning, setBeginning] = useState(0)
  const changed = !isSame(draft.policy, draft.base) || wrong.length > 0

  const start = (next: Draft) => {
    setDraft(next)
    setWrong([])
    setFaults([])
    setFaster(null)
    setBeginning(n => n + 1)
  }
  useEffect(() => {
    // Whoever edits nothing goes along with what others save.
    if (!changed && draft.basedOn < ensemble.number) start(begin(ensemble))
  })
  useEffect(() => {
    if (changed) SHELF.put(shelf, JSON.stringify(draft))
    else SHELF.drop(shelf)
  }, [changed, draft, shelf])
  useEffect(() => {
    if (!changed) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [changed])

  const send = async (words: string, ask: () => Promise<Ensemble>) => {
    if (busy) return
    setBusy(true)
    setSaid(null)
    try {
      const made = await ask()
      onSaved(made)
      start(begin(made))
      setSaid({ good: true, words: `${words}: version ${made.number} counts now.` })
    } catch (error) {
      const details = error instanceof ApiError ? error.details : {}
      if (Array.isArray(details.faults)) setFaults(details.faults as PolicyFault[])
      else if ('theirs' in details) setFaster(details as unknown as FasterDetails)
      else setSaid({ good: false, words: explain(error) })
    } finally {
      setBusy(false)
    }
  }
  const save = (note: string) =>
    send('Saved', () =>
      put('ensemble', { based_on: draft.basedOn, policy: draft.policy, ...(note.trim() ? { note: note.trim() } : {}) }),
    )
  const restore = (number: number, words: string) =>
    send(words, () => post('ensemble/restore', { number, based_on: ensemble.number }))
  const choose = (theirs: Policy, number: number, mineToo: boolean) => {
    start({ basedOn: number, base: theirs, policy: mineToo ? combined(draft.base, draft.policy, theirs) : theirs })
    setSaid(mineToo ? { good: true, words: 'Yours stands on theirs now. Look it over, then save.' } : null)
  }
  const edit = (policy: Policy) => {
    setDraft(now => ({ ...now, policy }))
    setFaults([])
    setSaid(null)
  }
  const file = tidy(ensemble.file)
  return (
    <>
      {ensemble.faults.length > 0 && (
        <Faulty title={`Version ${ensemble.number} is not used, the file’s policy is`} faults={ensemble.faults} />
      )}
      {changed && draft.basedOn < ensemble.number && (
        <p className="notice" role="status">
          You began with version {draft.basedOn}; version {ensemble.number} counts by now. Saving shows you both.
        </p>
      )}
      {faster && (
        <Faster
          of={faster}
          file={file}
          mine={draft.policy}
          known={known}
          onChoose={choose}
          onClose={() => setFaster(null)}
        />
      )}
      <form
        className="settings-form policy"
        onSubmit={event => {
          event.preventDefault()
          setAsking('save')
        }}
      >
        <PolicyForm
          key={beginning}
          policy={draft.policy}
          file={file}
          known={known}
          agents={ensemble.agents}
          prompts={ensemble.prompts}
          onEdit={edit}
          onFault={(field, is) =>
            setWrong(now => (is ? [...new Set([...now, field])] : now.filter(one => one !== field)))
          }
        />
        {faults.length > 0 && <Faulty title="Nothing was saved" faults={faults} />}
        <div className="profile-save policy-save">
          <button type="submit" className="button primary" disabled={busy || !changed || wrong.length > 0}>
            {busy ? 'One moment…' : 'Save'}
          </button>
          {changed && (
            <button type="button" className="button" onClick={() => start(begin(ensemble))}>
              Discard
            </button>
          )}
          {ensemble.saved && (
            <button type="button" className="button" disabled={busy} onClick={() => setAsking('file')}>
              Use the file again
            </button>
          )}
          <p role="status" className="soft small">
            {said?.good ? (
              <span className="saved">{said.words}</span>
            ) : (
              <Standing ensemble={ensemble} changed={changed} />
            )}
          </p>
          {said && !said.good && (
            <p className="fault" role="alert">
              {said.words}
            </p>
          )}
        </div>
      </form>
      <PolicyHistory
        key={ensemble.number}
        ensemble={ensemble}
        known={known}
        changed={changed}
        busy={busy}
        onRestore={number => void restore(number, `Version ${number} is restored`)}
      />
      {asking === 'save' && (
        <Question
          title="Answer like this from now on?"
          of={differences(draft.base, draft.policy, known)}
          verb="Save"
          onClose={() => setAsking(null)}
          onSure={note => void save(note)}
          noted
        />
      )}
      {asking === 'file' && (
        <Question
          title="Use the file’s policy again?"
          of={differences(tidy(ensemble.policy), file, known)}
          verb="Use the file"
          onClose={() => setAsking(null)}
          onSure={() => void restore(0, 'The file is used again')}
        />
      )}
    </>
  )
}

function Standing({ ensemble, changed }: { ensemble: Ensemble; changed: boolean }) {
  if (changed) return <>Not saved yet. It is kept in this tab while you look elsewhere.</>
  return <>{ensemble.saved ? `Version ${ensemble.number} counts.` : 'The file’s policy counts.'}</>
}

function Faulty({ title, faults }: { title: string; faults: readonly PolicyFault[] }) {
  return (
    <section className="faults" aria-label={title} role="alert">
      <h2>{title}</h2>
      <ul>
        {faults.map(fault => (
          <li key={fault.path + fault.why}>
            <code>{fault.path}</code>: {fault.why}
          </li>
        ))}
      </ul>
    </section>
  )
}

interface QuestionProps {
  title: string
  of: Parameters<typeof Differences>[0]['of']
  verb: string
  /** A note for the history may be given. */
  noted?: boolean
  onClose(): void
  onSure(note: string): void
}

/** What changes, in words, before it does. */
function Question({ title, of, verb, noted = false, onClose, onSure }: QuestionProps) {
  const [note, setNote] = useState('')
  return (
    <Dialog title={title} onClose={onClose}>
      <Differences of={of} />
      <p className="soft small">It counts at once, at every gateway. Answers that have begun end as they began.</p>
      {noted && (
        <label className="labelled">
          <span className="unseen">Note for the history</span>
          <input value={note} maxLength={500} placeholder="Note (optional)" onChange={e => setNote(e.target.value)} />
        </label>
      )}
      <div className="actions">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          className="button primary"
          onClick={() => {
            onClose()
            onSure(note)
          }}
        >
          {verb}
        </button>
      </div>
    </Dialog>
  )
}
