/** What a reply was made from: each opens over the thread, as it reads now. */
import { useCallback, useLayoutEffect, useRef, useState } from 'react'
import type { SourceRef } from '../protocol/events'
import { Markdown } from '../text/markdown'
import * as api from './api'
import { Dialog } from './Dialog'

interface Passage {
  title: string
  heading: string
  text: string
  language: string
}

export function Sources({ of }: { of: readonly SourceRef[] }) {
  const [open, setOpen] = useState<SourceRef | null>(null)
  return (
    <div className="sources">
      From:
      {of.map(source => (
        <button key={source.id} type="button" onClick={() => setOpen(source)}>
          {source.title}
        </button>
      ))}
      {open && <Cited source={open} onClose={() => setOpen(null)} />}
    </div>
  )
}

function Cited({ source, onClose }: { source: SourceRef; onClose(): void }) {
  const root = useRef<HTMLDivElement>(null)
  const [found, setFound] = useState<Passage | string | null>(null)
  const load = useCallback(async () => {
    try {
      setFound(await api.citation<Passage>(source.id))
    } catch (error) {
      setFound(error instanceof api.ApiError ? error.message : 'The gateway does not answer. Close this and try again.')
    }
  }, [source.id])
  useLayoutEffect(() => void load(), [load])
  const passage = found !== null && typeof found !== 'string' ? found : null
  useLayoutEffect(() => {
    if (root.current && passage) new Markdown(root.current).show(passage.text, true)
  }, [passage])
  return (
    <Dialog title={source.title} onClose={onClose}>
      <div className="cited" aria-live="polite">
        {typeof found === 'string' && <p>{found}</p>}
        {passage?.heading && <p className="soft small">{passage.heading}</p>}
        {passage && <div ref={root} className="text" lang={passage.language} />}
      </div>
      <form method="dialog" className="actions">
        <button type="submit" className="button">
          Close
        </button>
      </form>
    </Dialog>
  )
}
