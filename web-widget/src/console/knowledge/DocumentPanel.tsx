/** A document beside the list: how it stands, its pieces as they are cited, and what may be done with it. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { Close } from '../../design/icons'
import { Icon } from '../Icon'
import { Sure } from '../Sure'
import { Here, Saved } from '../settings/frame'
import { useLoaded, useLooking, useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { moment } from '../when'
import { Change } from './Change'
import { Standing } from './DocumentList'
import { AUDIENCE, KIND, type Line, languageName, moves, type Whole, whence } from './knowledge'
import { Pieces } from './Pieces'

const SOON_MS = 1000
/** As in knowledge.css. */
const ALONE_PX = 1000

interface Props {
  id: string
  chief: boolean
  onClose(): void
}

export function DocumentPanel({ id, chief, onClose }: Props) {
  const { get } = useApi()
  const load = useCallback(() => get<Whole>(`documents/${id}`), [get, id])
  const found = useLoaded(load)
  const { again } = found
  const moving = found.value !== null && moves(found.value.document)
  useLooking(again, moving ? SOON_MS : null)
  const heading = useRef<HTMLHeadingElement>(null)
  // Where it stands in the list's place, it is the page.
  const [Title] = useState<'h1' | 'h2'>(() => (innerWidth <= ALONE_PX ? 'h1' : 'h2'))
  const there = found.value !== null
  useEffect(() => {
    if (there) heading.current?.focus({ preventScroll: true })
  }, [there])
  return (
    <aside className="side-panel knowledge-panel" aria-label="Document">
      <button type="button" className="square side-close" aria-label="Close the document" onClick={onClose}>
        <Icon of={Close} />
      </button>
      <Here of={found}>
        {whole => (
          <>
            <header className="knowledge-head">
              <Title ref={heading} tabIndex={-1}>
                {whole.document.title}
              </Title>
              <Known line={whole.document} />
            </header>
            <Trouble whole={whole} />
            {chief && <Verbs whole={whole} onChanged={again} onGone={onClose} />}
            <Pieces whole={whole} chief={chief} below={Title === 'h1' ? 'h2' : 'h3'} onChanged={again} />
          </>
        )}
      </Here>
    </aside>
  )
}

function Known({ line }: { line: Line }) {
  return (
    <>
      <p className="soft small">
        {KIND[line.kind]} · {line.address ? <Address of={line.address} words={whence(line)} /> : whence(line)} ·{' '}
        {languageName(line.language)} · {AUDIENCE[line.audience]}
        {line.read_at && (
          <>
            {' '}
            · read <time dateTime={line.read_at}>{moment(line.read_at)}</time>
          </>
        )}
      </p>
      <p>
        <Standing line={line} />
      </p>
    </>
  )
}

function Address({ of, words }: { of: string; words: string }) {
  return (
    <a href={of} target="_blank" rel="noopener noreferrer">
      {words}
    </a>
  )
}

function Trouble({ whole: { document: line, unknown } }: { whole: Whole }) {
  return (
    <>
      {line.error && (
        <p className="fault" role="alert">
          {line.error}
        </p>
      )}
      {unknown.length > 0 && (
        <p className="notice">
          The profile knows no {unknown.map(name => `{{${name}}}`).join(', ')}. A piece that holds one is told to
          nobody.
        </p>
      )}
      {line.remarks.length > 0 && (
        <ul className="remarks" aria-label="Remarks">
          {line.remarks.map(remark => (
            <li key={remark}>{remark}</li>
          ))}
        </ul>
      )}
    </>
  )
}

function Verbs({ whole, onChanged, onGone }: { whole: Whole; onChanged(): void; onGone(): void }) {
  const { post } = useApi()
  const saving = useSaving()
  const [over, setOver] = useState<'change' | 'delete' | null>(null)
  const line = whole.document
  const changed = () => {
    onChanged()
    told()
  }
  const again = async () => {
    if (await saving.run(() => post<Line>(`documents/${line.id}/read-again`, {}))) changed()
  }
  return (
    <>
      <div className="actions start knowledge-verbs">
        <button type="button" className="button" onClick={() => setOver('change')}>
          Change
        </button>
        <button type="button" className="button" disabled={saving.at.state === 'saving'} onClick={() => void again()}>
          {line.kind === 'page' ? 'Fetch again' : 'Read again'}
        </button>
        <button type="button" className="button danger" onClick={() => setOver('delete')}>
          Delete
        </button>
      </div>
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
      {over === 'change' && (
        <Change
          whole={whole}
          onDone={() => {
            setOver(null)
            changed()
          }}
          onClose={() => setOver(is => (is === 'change' ? null : is))}
        />
      )}
      {over === 'delete' && (
        <Delete
          line={line}
          onGone={() => {
            told()
            onGone()
          }}
          onClose={() => setOver(is => (is === 'delete' ? null : is))}
        />
      )}
    </>
  )
}

function Delete({ line, onGone, onClose }: { line: Line; onGone(): void; onClose(): void }) {
  const { remove } = useApi()
  const saving = useSaving()
  const send = async () => {
    if (await saving.run(() => remove(`documents/${line.id}`))) onGone()
  }
  return (
    <Sure
      title={`Delete “${line.title}”?`}
      deed="Delete document"
      danger
      leave="Keep it"
      at={saving.at}
      onSure={() => void send()}
      onClose={onClose}
    >
      <p className="soft">
        Its text, its {line.pieces === 1 ? 'piece' : `${line.pieces} pieces`}, and what models were shown of it are gone
        for good. What customers were told stays in their conversations; a source that they open says that it is no
        longer there.
      </p>
    </Sure>
  )
}

/** Tells the list. */
function told(): void {
  window.dispatchEvent(new Event('knowledge-changed'))
}
