/** A draft as its reader would see it, a moment after the last key: the server makes it, with values of the business's own. */
import { useEffect, useRef, useState } from 'react'
import { Block } from '../frame'
import { explain, useApi, useSession } from '../session'
import type { TextFault, TextPreview } from './emails'
import { Forms, MailFrame, useForm } from './MailFrame'
import { usePause } from './pause'

const AFTER_MS = 350

interface Props {
  name: string
  draft: { subject: string; body: string }
  onFaults(faults: readonly TextFault[]): void
}

export function Looked({ name, draft, onFaults }: Props) {
  const { post } = useApi()
  const { session } = useSession()
  const [form, setForm] = useForm()
  const [bare, setBare] = useState(false)
  const [seen, setSeen] = useState<TextPreview | null>(null)
  const [why, setWhy] = useState('')
  const [shown, setShown] = useState(0)
  const bring = useRef<HTMLFormElement>(null)
  const settled = usePause(draft, AFTER_MS)
  useEffect(() => {
    let old = false
    post<TextPreview>(`email-templates/${name}/preview`, { ...settled, bare }).then(
      found => {
        if (old) return
        setWhy('')
        onFaults(found.faults)
        if (found.faults.length > 0) return
        setSeen(found)
        setShown(times => times + 1)
      },
      (error: unknown) => !old && setWhy(explain(error)),
    )
    return () => {
      old = true
    }
  }, [post, name, settled, bare, onFaults])
  const isPage = form !== 'text'
  // A frame of its own each time: what it is brought leaves nothing in the browser's history.
  useEffect(() => {
    if (shown > 0 && isPage) bring.current?.submit()
  }, [shown, isPage])
  const frame = `mail-${shown}-${isPage}`
  return (
    <Block title="How it looks" words={seen?.subject}>
      <div className="mail-looks">
        <Forms at={form} onChange={setForm} />
        <label className="mail-bare">
          <input type="checkbox" checked={bare} onChange={event => setBare(event.target.checked)} /> With as little as
          can be known
        </label>
      </div>
      {why && (
        <p className="fault" role="alert">
          {why}
        </p>
      )}
      {isPage ? (
        <MailFrame key={frame} name={frame} title="How it looks" width={form} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it
        <pre className="mail-plain" tabIndex={0}>
          {seen?.plain}
        </pre>
      )}
      <form ref={bring} method="post" action={`/pages/email-templates/${name}`} target={frame} hidden>
        <input name="csrf" value={session.csrf} readOnly />
        <input name="subject" value={settled.subject} readOnly />
        <textarea name="body" value={settled.body} readOnly />
        <input name="bare" value={bare ? 'yes' : 'no'} readOnly />
      </form>
    </Block>
  )
}
