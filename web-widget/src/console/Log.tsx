/** The thread's lines; at the end while the reader is there, in place while they read back. */
import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import { Latest } from '../design/icons'
import { inWords } from '../protocol/files'
import { lines } from '../protocol/lines'
import type { Thread } from '../protocol/thread'
import { UnfoldedContext } from './Card'
import { useClient, useDesk } from './hooks'
import { Icon } from './Icon'
import { Lines } from './Lines'
import { TextsContext, textsOf } from './TextMark'

const NEAR_END = 80
/** Earlier messages are asked for this far before the beginning. */
const AHEAD_PX = 600

export function Log({ id, thread }: { id: string; thread: Thread }) {
  const client = useClient()
  const outbox = useDesk(d => d.outbox)
  const me = useDesk(d => d.me.name)
  const customer = useDesk(d => d.rows[id]?.customer) || 'Visitor'
  const typing = useDesk(d => d.typing[id])
  const list = useMemo(() => lines(thread, outbox, id, `human:${me}`), [thread, outbox, id, me])
  const texts = useMemo(() => textsOf(thread.staff), [thread.staff])
  const box = useRef<HTMLDivElement>(null)
  const [unfolded] = useState(() => new Set<string>())
  const [away, setAway] = useState(false)
  const top = useRef(0)
  const mine = outbox.length
  useLayoutEffect(() => {
    if (mine > 0) setAway(false)
  }, [mine])

  const scrolled = () => {
    const el = box.current
    if (!el) return
    // Only who scrolls up goes away: where the text grew before this event came, its end is far too.
    if (el.scrollHeight - el.scrollTop - el.clientHeight < NEAR_END) setAway(false)
    else if (el.scrollTop < top.current) setAway(true)
    top.current = el.scrollTop
    if (el.scrollTop < AHEAD_PX && el.scrollHeight > el.clientHeight) earlier()
  }
  const asking = useRef(false)
  const earlier = () => {
    if (!thread.older || asking.current) return
    asking.current = true
    void client.older(id).finally(() => {
      asking.current = false
    })
  }
  return (
    <div className="log-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div ref={box} className="log" role="log" aria-live="off" aria-label="Messages" tabIndex={0}>
        <div className="measure">
          {thread.older && (
            <button type="button" className="button quiet earlier" onClick={earlier}>
              Earlier messages
            </button>
          )}
          <UnfoldedContext.Provider value={unfolded}>
            <TextsContext.Provider value={texts}>
              <Lines list={list} customer={customer} box={box} following={!away} onScroll={scrolled} />
            </TextsContext.Provider>
          </UnfoldedContext.Provider>
          {typing && (
            <p className="stage">{typing.author.kind === 'customer' ? customer : typing.author.name} is typing…</p>
          )}
        </div>
      </div>
      <Heard thread={thread} customer={customer} />
      {away && (
        <button
          type="button"
          className="latest"
          onClick={() => {
            setAway(false)
            box.current?.scrollTo({ top: box.current.scrollHeight })
          }}
        >
          <Icon of={Latest} size={14} /> Latest
        </button>
      )}
    </div>
  )
}

/** What a screen reader is told: the customer's messages, whole; the AI's words are for the eye until they are asked for. */
function Heard({ thread, customer }: { thread: Thread; customer: string }) {
  const from = useRef(thread.after)
  if (from.current === null) from.current = thread.after
  const start = from.current
  const said = thread.events.filter(
    e => e.kind === 'message' && e.message.author.kind === 'customer' && start !== null && e.seq > start,
  )
  return (
    <div className="unseen" aria-live="polite">
      {said.slice(-3).map(e => e.kind === 'message' && <p key={e.seq}>{`${customer}: ${inWords(e.message)}`}</p>)}
    </div>
  )
}
