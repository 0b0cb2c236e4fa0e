import { useEffect, useRef, useState } from 'react'
import type { Draw, Look, PreviewScript } from '../../widget/preview-contract'
import { Skeletons } from './frame'

/** Where the build put the preview's script. */
declare const __PREVIEW__: string

/** The real chat, drawn into a shadow root of its own; to look at, not to use. */
export function Preview({ look }: { look: Look }) {
  const host = useRef<HTMLDivElement>(null)
  const [draw, setDraw] = useState<((look: Look) => void) | null>(null)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    const tag = document.createElement('script') as PreviewScript
    tag.src = __PREVIEW__
    tag.hibachi = (made: Draw) => {
      const el = host.current
      if (el) setDraw(() => made(el.shadowRoot ?? el.attachShadow({ mode: 'open' })))
    }
    tag.onerror = () => setFailed(true)
    document.head.appendChild(tag).remove()
  }, [])
  useEffect(() => draw?.(look), [draw, look])
  return (
    <>
      {failed && <p className="fault">The preview could not be loaded. Saving works all the same.</p>}
      {!draw && !failed && <Skeletons />}
      <div className="chat-preview" role="img" aria-label={`The chat of ${look.business.name} in these colours`}>
        <div ref={host} inert className="chat-preview-host" />
      </div>
    </>
  )
}
