/** The documents: narrowed down, watched while they are read, added by a drop, a button, an address or by writing. */
import { type ChangeEvent, useCallback, useEffect, useRef, useState } from 'react'
import { AddIcon, Close, DraftIcon, SiteIcon } from '../../design/icons'
import { useDropping } from '../dropping'
import { useNow } from '../hooks'
import { Icon } from '../Icon'
import { Here, Saved } from '../settings/frame'
import { useLoaded, useLooking, useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { ago } from '../when'
import { AddPage, Write } from './Adding'
import { type Documents, KIND, type Line, languageName, moves, part, standing, whence } from './knowledge'
import { type Coming, useSending } from './sending'

const SOON_MS = 1000
const AGAIN_MS = 30_000
const PAGE = 50
const STATES = [
  [null, 'All'],
  ['ready', 'Ready'],
  ['reading', 'Being read'],
  ['failed', 'Failed'],
] as const

export function DocumentList({ chief, open }: { chief: boolean; open: string | null }) {
  const { get } = useApi()
  const [state, setState] = useState<string | null>(null)
  const [search, setSearch] = useState('')
  const asked = `documents?limit=${PAGE}${state ? `&state=${state}` : ''}${search ? `&search=${encodeURIComponent(search)}` : ''}`
  const load = useCallback(() => get<Documents>(asked), [get, asked])
  const all = useLoaded(load)
  const older = useSaving()
  const { again, change } = all
  const moving = all.value?.items.some(moves) ?? false
  useLooking(again, moving ? SOON_MS : AGAIN_MS)
  // What the panel beside changed or deleted is seen here at once.
  useEffect(() => {
    window.addEventListener('knowledge-changed', again)
    return () => window.removeEventListener('knowledge-changed', again)
  }, [again])
  const came = useCallback(
    (line: Line) => {
      change(now => ({ ...now, total: now.total + 1, items: [line, ...now.items.filter(one => one.id !== line.id)] }))
    },
    [change],
  )
  const more = async () => {
    const page = await older.run(() => get<Documents>(`${asked}&offset=${all.value?.items.length ?? 0}`))
    if (page) change(shown => ({ ...page, items: [...shown.items, ...page.items] }))
  }
  const narrowed = state !== null || search !== ''
  return (
    <>
      {chief && <Bring megabytes={all.value?.megabytes ?? 0} came={came} />}
      <div className="narrowing">
        <fieldset className="views" aria-label="How they stand">
          {STATES.map(([one, title]) => (
            <button
              key={title}
              type="button"
              className="view"
              aria-pressed={one === state}
              onClick={() => setState(one)}
            >
              {title}
            </button>
          ))}
        </fieldset>
        <input
          type="search"
          className="knowledge-search"
          aria-label="Search titles"
          placeholder="Search titles"
          value={search}
          maxLength={200}
          onChange={event => setSearch(event.target.value)}
        />
      </div>
      <Here
        of={all}
        empty={{
          when: page => page.items.length === 0,
          words: narrowed
            ? 'No document is like that.'
            : chief
              ? 'Nothing is written yet. Drop a file here, add a page, or write the answer to a question that customers ask.'
              : 'Nothing is written yet. An owner or an admin can add documents.',
        }}
      >
        {page => (
          <>
            <Table lines={page.items} open={open} />
            {page.items.length < page.total && (
              <div className="save-bar">
                <button
                  type="button"
                  className="button"
                  disabled={older.at.state === 'saving'}
                  onClick={() => void more()}
                >
                  Show more
                </button>
                {older.at.state === 'failed' && <Saved at={older.at} />}
              </div>
            )}
          </>
        )}
      </Here>
    </>
  )
}

function Bring({ megabytes, came }: { megabytes: number; came(line: Line): void }) {
  const place = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState<'page' | 'write' | null>(null)
  const { files, send, forget } = useSending(megabytes, came)
  const hangs = useDropping(place, '.knowledge', send)
  const pick = (event: ChangeEvent<HTMLInputElement>) => {
    // The list is emptied with the field.
    send([...(event.target.files ?? [])])
    event.target.value = ''
  }
  const done = (line: Line) => {
    came(line)
    setOver(null)
  }
  return (
    <div ref={place} className={`bring ${hangs ? 'over' : ''}`}>
      <p>
        <strong>{hangs ? 'Let go to add it' : 'Drop files here, or choose them'}</strong>
        <span className="soft small"> Markdown, HTML, PDF or plain text, {megabytes} MB at most</span>
      </p>
      <div className="actions start">
        <button type="button" className="button primary" onClick={() => input.current?.click()}>
          <Icon of={AddIcon} size={16} /> Add files
        </button>
        <button type="button" className="button" onClick={() => setOver('page')}>
          <Icon of={SiteIcon} size={16} /> Add a page
        </button>
        <button type="button" className="button" onClick={() => setOver('write')}>
          <Icon of={DraftIcon} size={16} /> Write
        </button>
      </div>
      <input ref={input} type="file" multiple hidden aria-label="Files" onChange={pick} />
      {files.length > 0 && <OnTheWay files={files} onForget={forget} />}
      {over === 'page' && <AddPage onDone={done} onClose={() => setOver(is => (is === 'page' ? null : is))} />}
      {over === 'write' && <Write onDone={done} onClose={() => setOver(is => (is === 'write' ? null : is))} />}
    </div>
  )
}

function OnTheWay({ files, onForget }: { files: readonly Coming[]; onForget(id: string): void }) {
  return (
    <ul className="bringing" aria-label="Files on their way">
      {files.map(file => (
        <li key={file.id}>
          <span className="bringing-name">{file.name}</span>
          {file.why ? (
            <>
              <span className="why" role="alert">
                {file.why}
              </span>
              <button
                type="button"
                className="square"
                aria-label={`Remove: ${file.name}`}
                onClick={() => onForget(file.id)}
              >
                <Icon of={Close} size={16} />
              </button>
            </>
          ) : (
            <span className="soft small">Sending…</span>
          )}
        </li>
      ))}
    </ul>
  )
}

function Table({ lines, open }: { lines: readonly Line[]; open: string | null }) {
  const now = useNow()
  return (
    <div className="documents-frame">
      <table className="documents">
        <thead>
          <tr>
            <th scope="col">Document</th>
            <th scope="col">Language</th>
            <th scope="col">For</th>
            <th scope="col">State</th>
            <th scope="col">Changed</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(line => (
            <tr key={line.id} className={`${line.state} ${line.id === open ? 'chosen' : ''}`}>
              <th scope="row">
                <a
                  className="document-name"
                  href={`#/knowledge/documents/${line.id}`}
                  aria-current={line.id === open ? 'true' : undefined}
                >
                  {line.title}
                </a>
                <span className="soft small document-whence">
                  {KIND[line.kind]} · {whence(line)}
                </span>
              </th>
              <td>{languageName(line.language)}</td>
              <td>{line.audience === 'staff' ? <span className="chip">Staff only</span> : 'Everyone'}</td>
              <td>
                <Standing line={line} />
              </td>
              <td>
                <time dateTime={line.changed_at}>{ago(line.changed_at, now)}</time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** How it stands, with a bar while it is read, and what a person should look at. */
export function Standing({ line }: { line: Line }) {
  const done = part(line)
  return (
    <span className={`document-state ${line.state}`}>
      <span>{standing(line)}</span>
      {line.state === 'reading' && (
        <progress value={done ?? undefined} aria-label={`${line.title}: how far it is read`} />
      )}
      {line.held_back > 0 && <span className="chip held">{line.held_back} held back</span>}
      {line.state === 'ready' && line.remarks.length > 0 && (
        <span className="chip">Remarks: {line.remarks.length}</span>
      )}
    </span>
  )
}
