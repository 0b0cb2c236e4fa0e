/** Files: on their way, beneath what is being written; and in what was said. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { Again, Close, FileIcon } from '../design/icons'
import { draw } from '../design/picture'
import { type Coming, hopeless, sizeLabel } from '../protocol/files'
import type { Attachment } from '../protocol/wire'
import { useFixed, useShared } from './hooks'
import { Icon } from './Icon'
import { save } from './save'
import { fill } from './strings'

/** What was picked and is not said yet. */
export function Tray() {
  const { state, t } = useShared()
  if (!state.files.length) return null
  return (
    <ul class="tray" aria-label={t.files}>
      {state.files.map(file => (
        <OnItsWay key={file.id} file={file} />
      ))}
    </ul>
  )
}

function OnItsWay({ file }: { file: Coming }) {
  const { client, state, t, language } = useShared()
  const { id, name, why } = file
  const waits = state.link.state !== 'up' && file.state !== 'done'
  const own = client.files.picked(id)
  return (
    <li class={file.state}>
      {own && file.type.startsWith('image/') && !hopeless(file) ? <Drawn content={own} /> : <Icon of={FileIcon} />}
      <span class="coming">
        <span class="file-name">{name}</span>
        {why ? (
          <span class="why" role="alert">
            {t[why]}
          </span>
        ) : waits ? (
          <span>{t.waits}</span>
        ) : file.state === 'done' ? (
          <span>{sizeLabel(file.size, language)}</span>
        ) : (
          <progress value={file.part} aria-label={name} />
        )}
      </span>
      {why && !hopeless(file) && <Do label={t.retry} name={name} of={Again} onClick={() => client.files.retry(id)} />}
      <Do label={t.discard} name={name} of={Close} onClick={() => client.files.drop(id)} />
    </li>
  )
}

function Do({ label, name, of, onClick }: { label: string; name: string; of: typeof Close; onClick(): void }) {
  return (
    <button type="button" class="plain" title={label} aria-label={`${label}: ${name}`} onClick={onClick}>
      <Icon of={of} />
    </button>
  )
}

/** The files of something said. */
export function Sent({ files }: { files?: readonly Attachment[] | null }) {
  if (!files?.length) return null
  return (
    <div class="files">
      {files.map(file =>
        file.type.startsWith('image/') ? <Picture key={file.id} file={file} /> : <Paper key={file.id} file={file} />,
      )}
    </div>
  )
}

/** Fetched when it comes into sight; opens in a tab of its own, which knows nothing of this page. */
function Picture({ file }: { file: Attachment }) {
  const { client, t } = useFixed()
  const box = useRef<HTMLButtonElement>(null)
  const [shown, setShown] = useState<{ content: Blob; url: string } | null>(null)
  const look = () =>
    client.files.read(file.id).then(
      content => setShown({ content, url: URL.createObjectURL(content) }),
      () => undefined,
    )
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each picture
  useEffect(() => {
    if (!box.current) return
    const sight = new IntersectionObserver(seen => {
      if (!seen.some(s => s.isIntersecting)) return
      sight.disconnect()
      void look()
    })
    sight.observe(box.current)
    return () => sight.disconnect()
  }, [file.id])
  const url = shown?.url
  useEffect(() => () => void (url && URL.revokeObjectURL(url)), [url])
  if (shown)
    return (
      <a
        class="picture"
        href={shown.url}
        target="_blank"
        rel="noopener noreferrer"
        aria-label={fill(t.see, { name: file.name })}
      >
        <Drawn content={shown.content} />
      </a>
    )
  return (
    <button ref={box} type="button" class="picture" onClick={() => void look()}>
      {file.name}
    </button>
  )
}

function Drawn({ content }: { content: Blob }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    // What is no picture after all stays an empty box with a name.
    if (canvas.current) draw(canvas.current, content).catch(() => undefined)
  }, [content])
  return <canvas ref={canvas} />
}

function Paper({ file }: { file: Attachment }) {
  const { client, language } = useFixed()
  return (
    <button
      type="button"
      class="paper"
      onClick={() =>
        client.files.read(file.id).then(
          content => save(content, file.name),
          () => client.store.dispatch({ type: 'notice', text: '' }),
        )
      }
    >
      <Icon of={FileIcon} /> <span class="file-name">{file.name}</span> <small>{sizeLabel(file.size, language)}</small>
    </button>
  )
}
