/** Files: on their way, above what is being written; and in what was said. */
import { createContext, type RefObject, useContext, useEffect, useMemo, useRef } from 'react'
import { AddIcon, Again, Close, FileIcon } from '../design/icons'
import { draw } from '../design/picture'
import { type Coming, coming, hopeless, KINDS, ready, sizeLabel } from '../protocol/files'
import type { Porter } from '../protocol/porter'
import type { Attachment } from '../protocol/wire'
import { useDesk } from './hooks'
import { Icon } from './Icon'

export const PorterContext = createContext<Porter | null>(null)

export function usePorter(): Porter {
  const porter = useContext(PorterContext)
  if (!porter) throw new Error('a part of the console stands outside its desk')
  return porter
}

/** The files of one field. */
export function usePlace(place: string, box: RefObject<HTMLTextAreaElement | null>) {
  const porter = usePorter()
  const all = useDesk(d => d.files)
  const files = useMemo(() => all.filter(f => f.place === place), [all, place])
  const pick = (given: FileList) => {
    porter.pick(place, given)
    box.current?.focus()
  }
  return { files, underWay: coming(files, place), carried: ready(files, place), pick }
}

export function AttachButton({ onPick }: { onPick(files: FileList): void }) {
  const picker = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={picker}
        type="file"
        multiple
        accept={KINDS.join()}
        hidden
        onChange={e => {
          if (e.target.files) onPick(e.target.files)
          e.target.value = ''
        }}
      />
      <button
        type="button"
        className="attach"
        aria-label="Add pictures or PDF"
        title="Add pictures or PDF; pasting and dropping work too"
        onClick={() => picker.current?.click()}
      >
        <Icon of={AddIcon} size={18} />
      </button>
    </>
  )
}

const WHY = {
  kind: 'Only pictures (PNG, JPEG, WebP, GIF) and PDF',
  large: 'At most 10 MB',
  many: 'At most 10 files in one message',
  spent: 'Enough files for today',
  lost: 'This did not get through.',
}

/** What was picked for this field and is not said yet. */
export function Tray({ files }: { files: readonly Coming[] }) {
  if (!files.length) return null
  return (
    <ul className="tray" aria-label="Files to send">
      {files.map(file => (
        <OnItsWay key={file.id} file={file} />
      ))}
    </ul>
  )
}

function OnItsWay({ file }: { file: Coming }) {
  const porter = usePorter()
  const down = useDesk(d => d.link.state !== 'up') && file.state !== 'done'
  const { id, name, why } = file
  const own = porter.picked(id)
  return (
    <li className={file.state}>
      {own && isPicture(file.type) && !hopeless(file) ? <Drawn content={own} /> : <Icon of={FileIcon} />}
      <span className="coming">
        <span className="file-name">{name}</span>
        {why ? (
          <span className="why" role="alert">
            {WHY[why]}
          </span>
        ) : down ? (
          <span className="soft">Waiting for the connection</span>
        ) : file.state === 'done' ? (
          <span className="soft">{sizeLabel(file.size, 'en')}</span>
        ) : (
          <progress value={file.part} aria-label={name} />
        )}
      </span>
      {why && !hopeless(file) && (
        <button type="button" className="attach" aria-label={`Try again: ${name}`} onClick={() => porter.retry(id)}>
          <Icon of={Again} size={16} />
        </button>
      )}
      <button type="button" className="attach" aria-label={`Remove: ${name}`} onClick={() => porter.drop(id)}>
        <Icon of={Close} size={16} />
      </button>
    </li>
  )
}

function Drawn({ content }: { content: Blob }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    // What is no picture after all stays an empty box beside its name.
    if (canvas.current) draw(canvas.current, content).catch(() => undefined)
  }, [content])
  return <canvas ref={canvas} />
}

/** The files of something said. Pictures open in a tab of their own, PDF files are downloaded: the server says so. */
export function Sent({ files }: { files?: readonly Attachment[] | null }) {
  if (!files?.length) return null
  return (
    <div className="files">
      {files.map(file => (
        <a
          key={file.id}
          className={isPicture(file.type) ? 'picture' : 'paper'}
          href={`/api/uploads/${file.id}`}
          target="_blank"
          rel="noopener noreferrer"
        >
          {isPicture(file.type) ? (
            <img src={`/api/uploads/${file.id}`} alt={file.name} loading="lazy" />
          ) : (
            <>
              <Icon of={FileIcon} /> <span className="file-name">{file.name}</span>
              <small>{sizeLabel(file.size, 'en')}</small>
            </>
          )}
        </a>
      ))}
    </div>
  )
}

function isPicture(type: string): boolean {
  return type.startsWith('image/')
}
