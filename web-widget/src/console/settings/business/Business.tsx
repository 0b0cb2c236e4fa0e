import { useCallback, useEffect, useState } from 'react'
import { browserShelf } from '../../../protocol/courier'
import { ApiError } from '../../api'
import { Dialog } from '../../Dialog'
import { Here, Page } from '../frame'
import { type Resource, useLoaded } from '../loading'
import { explain, useApi, useSession } from '../session'
import { AsText } from './AsText'
import { Both } from './Both'
import './business.css'
import { begin, type Draft, isChanged, kept, named, taken } from './draft'
import { Faults } from './Faults'
import { History } from './History'
import { ProfileForm } from './ProfileForm'
import type { CheckAnswer, Content, Faster, Fault, ProfileAnswer, Version } from './profile'
import { onTop } from './profile'

/** Of this tab; where a browser gives none, a draft lives as long as its page. */
const SHELF = browserShelf(() => sessionStorage)

type Tab = 'form' | 'text' | 'history'
const TABS: readonly { id: Tab; name: string }[] = [
  { id: 'form', name: 'Form' },
  { id: 'text', name: 'Everything as text' },
  { id: 'history', name: 'History' },
]

/** What is known of the business: edited by form or as text, saved as a new version that counts at once. */
export default function Business() {
  const { get } = useApi()
  const load = useCallback(() => get<ProfileAnswer>('profile'), [get])
  const profile = useLoaded(load)
  return (
    <Page
      title="Business"
      words="Prices, hours, menu and terms. What you save counts at once: in answers, quotes and the chat's header."
    >
      <Here of={profile}>{answer => <Editor answer={answer} of={profile} />}</Here>
    </Page>
  )
}

/** The draft outlives the page: nobody loses it by looking something up elsewhere in the console. */
function useDraft(current: Version) {
  const { session } = useSession()
  const place = `hibachi:profile-draft:${session.staff.id}`
  const [draft, setDraft] = useState<Draft>(() => taken(SHELF.get(place)) ?? begin(current.number, current.content))
  const toml = current.toml
  const changed = isChanged(draft, toml)
  useEffect(() => {
    const words = kept(draft, toml)
    if (words === null) SHELF.drop(place)
    else SHELF.put(place, words)
  }, [draft, toml, place])
  useEffect(() => {
    if (!changed) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [changed])
  return { draft, setDraft, changed }
}

function Editor({ answer, of }: { answer: ProfileAnswer; of: Resource<ProfileAnswer> }) {
  const { post, put } = useApi()
  const { current } = answer
  const { draft, setDraft, changed } = useDraft(current)
  const [tab, setTab] = useState<Tab>(draft.text === null ? 'form' : 'text')
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [said, setSaid] = useState<{ good: boolean; words: string } | null>(null)
  const [faster, setFaster] = useState<Faster | null>(null)
  const [leaving, setLeaving] = useState(false)
  const [tries, setTries] = useState(0)

  const edit = (next: Draft) => {
    setDraft(next)
    setSaid(null)
  }
  const fail = (error: unknown) => {
    const details = error instanceof ApiError ? error.details : {}
    if (Array.isArray(details.faults)) show(details.faults as Fault[])
    else if ('mine' in details) setFaster(details as unknown as Faster)
    else setSaid({ good: false, words: explain(error) })
  }
  const show = (faults: readonly Fault[]) => {
    setDraft(now => ({ ...now, faults }))
    setTries(n => n + 1)
  }
  const busily = async (work: () => Promise<void>) => {
    if (busy) return
    setBusy(true)
    setSaid(null)
    try {
      await work()
    } catch (error) {
      fail(error)
    } finally {
      setBusy(false)
    }
  }
  const arrived = (version: Version, words: string) => {
    of.change(old => ({
      ...old,
      current: version,
      versions: [version, ...old.versions.filter(v => v.number !== version.number)],
    }))
    setDraft(begin(version.number, version.content))
    setNote('')
    setSaid({ good: true, words })
  }
  const form = () => (draft.text === null ? { content: named(draft.content) } : { toml: draft.text })
  const save = () =>
    busily(async () => {
      if (Object.keys(draft.typed).length > 0) return show(draft.faults)
      const checked = await post<CheckAnswer>('profile/validate', form())
      if (!checked.ok) return show(checked.faults)
      const made = await put<Version>('profile', {
        based_on: draft.basedOn,
        ...form(),
        ...(note.trim() ? { note } : {}),
      })
      arrived(made, `Version ${made.number} is saved and counts now.`)
      if (tab === 'text') setDraft({ ...begin(made.number, made.content), text: made.toml })
    })
  /** From the form to the text and back: only what the server reads can be shown in the other way. */
  const turn = (to: Tab) => {
    if (to === tab || to === 'history' || tab === 'history') {
      const wants = draft.text === null ? 'form' : 'text'
      if (to === 'history' || to === wants || to === tab) return setTab(to)
    }
    return busily(async () => {
      if (Object.keys(draft.typed).length > 0) return show(draft.faults)
      const checked = await post<CheckAnswer>('profile/validate', form())
      if (!checked.ok) return show(checked.faults)
      const content = checked.content as Content
      setDraft(now => ({ ...now, faults: [], content, text: to === 'text' ? (checked.toml as string) : null }))
      setTab(to)
    })
  }
  const restore = (number: number) =>
    busily(async () => {
      const made = await post<Version>('profile/restore', { number, based_on: current.number })
      arrived(made, `Version ${number} is restored, as version ${made.number}.`)
    })
  const combine = (mineToo: boolean) => {
    const theirs = (faster as Faster).current
    of.change(old => ({
      ...old,
      current: theirs,
      versions: [theirs, ...old.versions.filter(v => v.number !== theirs.number)],
    }))
    const fresh = begin(theirs.number, theirs.content)
    setDraft(mineToo ? { ...fresh, content: onTop(draft.base, draft.content, theirs.content) as Content } : fresh)
    setTab('form')
    setFaster(null)
    setSaid(mineToo ? { good: true, words: 'Yours stands on theirs now. Look it over, then save.' } : null)
  }

  return (
    <>
      <div className="tabs" role="tablist" aria-label="Ways to look at the profile">
        {TABS.map(({ id, name }) => (
          <button
            key={id}
            id={`tab-${id}`}
            type="button"
            role="tab"
            aria-selected={tab === id}
            aria-controls="profile-panel"
            tabIndex={tab === id ? 0 : -1}
            onClick={() => void turn(id)}
            onKeyDown={e => {
              const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key]
              const next = by && TABS[TABS.findIndex(t => t.id === id) + by]
              if (!next) return
              document.getElementById(`tab-${next.id}`)?.focus()
              void turn(next.id)
            }}
          >
            {name}
          </button>
        ))}
      </div>
      {draft.basedOn !== current.number && (
        <p className="notice" role="status">
          You began with version {draft.basedOn}; version {current.number} counts by now. Saving shows you both.
        </p>
      )}
      {faster && <Both of={faster} onTop={draft.text === null} onChoose={combine} onClose={() => setFaster(null)} />}
      <div id="profile-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} className="profile-panel">
        {tab === 'history' ? (
          <History answer={answer} busy={busy} changed={changed} onRestore={n => void restore(n)} />
        ) : (
          <form
            className="settings-form"
            noValidate
            onSubmit={event => {
              event.preventDefault()
              void save()
            }}
          >
            <Faults faults={draft.faults} tries={tries} />
            {tab === 'form' ? (
              <ProfileForm draft={draft} onEdit={edit} />
            ) : (
              <AsText
                text={draft.text ?? current.toml}
                faults={draft.faults}
                onEdit={text => edit({ ...draft, text, faults: [] })}
              />
            )}
            <div className="profile-save">
              {changed && (
                <label className="labelled">
                  <span className="unseen">Note for the history</span>
                  <input
                    value={note}
                    maxLength={500}
                    placeholder="Note (optional)"
                    onChange={e => setNote(e.target.value)}
                  />
                </label>
              )}
              <button type="submit" className="button primary" disabled={busy || !changed}>
                {busy ? 'One moment…' : 'Save'}
              </button>
              {changed && (
                <button type="button" className="button" onClick={() => setLeaving(true)}>
                  Discard
                </button>
              )}
              <p role="status" className={`soft small ${changed && !said ? 'keeps' : ''}`}>
                {!said &&
                  (changed
                    ? 'Not saved yet. It is kept in this tab while you look elsewhere.'
                    : `Version ${current.number} counts.`)}
                {said?.good && <span className="saved">{said.words}</span>}
              </p>
              {said && !said.good && (
                <p className="fault" role="alert">
                  {said.words}
                </p>
              )}
            </div>
          </form>
        )}
      </div>
      {tab === 'history' && said && (
        <p role={said.good ? 'status' : 'alert'} className={said.good ? 'saved' : 'fault'}>
          {said.words}
        </p>
      )}
      {leaving && (
        <Dialog title="Discard your changes?" onClose={() => setLeaving(false)}>
          <p className="soft">What you changed since version {draft.basedOn} is gone then.</p>
          <div className="actions">
            <button type="button" className="button" onClick={() => setLeaving(false)}>
              Keep editing
            </button>
            <button
              type="button"
              className="button primary"
              onClick={() => {
                setLeaving(false)
                const fresh = begin(current.number, current.content)
                edit(tab === 'text' ? { ...fresh, text: current.toml } : fresh)
              }}
            >
              Discard
            </button>
          </div>
        </Dialog>
      )}
    </>
  )
}
