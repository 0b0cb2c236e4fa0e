/** What was said, oldest first; stays at the end while the reader is there, and in place while they read back. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Latest } from '../design/icons'
import { type Line, lines } from '../protocol/lines'
import { Rate, Reach } from './Asking'
import { Bubble, OutgoingBubble, ReplyBubble } from './Bubble'
import { Card } from './Card'
import { useFixed, useShared } from './hooks'
import { Icon } from './Icon'
import { fill, type Strings } from './strings'
import { dayLabel } from './when'

const NEAR_END = 60
/** So many numbers of the log are drawn, and left undrawn, together. */
const STRETCH = 64

export function Log({ open }: { open: boolean }) {
  const { client, state, t, language } = useShared()
  const { thread, outbox } = state
  const list = useMemo(() => lines(thread, outbox, null, 'customer'), [thread, outbox])
  const box = useRef<HTMLDivElement>(null)
  const [away, setAway] = useState(false)
  const top = useRef(0)
  const oldest = thread.events[0]?.seq
  const oldestBefore = useRef(oldest)
  const mine = outbox.length
  const el = box.current
  const prepended = oldestBefore.current !== undefined && oldest !== undefined && oldest < oldestBefore.current
  // How far the end is, before anything is drawn above.
  const rest = el && prepended ? el.scrollHeight - el.scrollTop : null

  // Before the browser paints: stay where the reader is, or at the end.
  useLayoutEffect(() => {
    const el = box.current
    if (!el || !open) return
    if (rest !== null) el.scrollTop = el.scrollHeight - rest
    else if (!away) el.scrollTop = el.scrollHeight
    oldestBefore.current = oldest
  })
  useLayoutEffect(() => {
    if (mine > 0) setAway(false)
  }, [mine])
  // A banner, a file or a second line took of its room: the end stays to be seen.
  useEffect(() => {
    const el = box.current
    if (!el || away) return
    const watch = new ResizeObserver(() => el.scrollTo(0, el.scrollHeight))
    watch.observe(el)
    return () => watch.disconnect()
  }, [away])

  const scrolled = () => {
    const el = box.current
    if (!el) return
    // Only who scrolls up goes away: where the text grew before this event came, its end is far too.
    if (el.scrollHeight - el.scrollTop - el.clientHeight < NEAR_END) setAway(false)
    else if (el.scrollTop < top.current) setAway(true)
    top.current = el.scrollTop
  }
  const last = list.filter(l => l.kind === 'message').at(-1)
  return (
    <div class="log-frame">
      {/* The polite region beside it speaks in sentences; this log itself would speak in tokens. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div ref={box} class="log" role="log" aria-live="off" aria-label={t.messages} tabIndex={0} onScroll={scrolled}>
        {state.business?.disclosure && (
          <p class="disclosure" lang={state.business.locale}>
            {state.business.disclosure}
          </p>
        )}
        {thread.older && (
          <button type="button" class="earlier" onClick={() => void client.older()}>
            {t.earlier}
          </button>
        )}
        {!thread.older && state.business && (
          <Greeting text={(state.business.locale === language && state.business.greeting) || t.greeting} />
        )}
        {stretches(list).map(([number, part]) => (
          <Stretch key={number} part={part} last={last && part.includes(last) ? last : null} />
        ))}
        {list.length === 0 && <QuickReplies />}
        <Reach />
        <Rate />
        {state.typing && (
          <p class="stage" key="typing">
            {fill(t.typing, { name: state.typing.author.name })}
          </p>
        )}
      </div>
      {away && (
        <button
          type="button"
          class="latest"
          onClick={() => {
            setAway(false)
            box.current?.scrollTo(0, box.current.scrollHeight)
          }}
        >
          <Icon of={Latest} size={14} /> {t.latest}
        </button>
      )}
    </div>
  )
}

/** The lines in runs that keep their first line, whatever comes before and after them. */
function stretches(list: readonly Line[]): [number, Line[]][] {
  const runs: [number, Line[]][] = []
  let now = 0
  for (const line of list) {
    if (line.kind === 'message') now = Math.max(now, Math.floor(line.seq / STRETCH))
    const run = runs.at(-1)
    if (run?.[0] === now) run[1].push(line)
    else runs.push([now, [line]])
  }
  return runs
}

/** Drawn again only where one of its lines is another; out of sight, the browser leaves it undrawn. */
function Stretch({ part, last }: { part: Line[]; last: Line | null }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: yesterday begins at midnight
  return useMemo(
    () => (
      <div class="stretch">
        {part.map(line => (
          <LogLine key={line.key} line={line} last={line === last} />
        ))}
      </div>
    ),
    [...part, last, new Date().toDateString()],
  )
}

function LogLine({ line, last }: { line: Line; last: boolean }) {
  const { t, language } = useFixed()
  switch (line.kind) {
    case 'day':
      return <p class="system day">{dayLabel(line.at, language, t)}</p>
    case 'message':
      return <Bubble line={line} last={last} />
    case 'reply':
      return <ReplyBubble reply={line.reply} />
    case 'outgoing':
      return <OutgoingBubble outgoing={line.outgoing} first={line.first} />
    case 'owner':
      return <p class="system">{ownerText(line, t)}</p>
    case 'card':
      return <Card card={line.card} />
    case 'closed':
      return <p class="system">{t.closed}</p>
    case 'reopened':
      return <p class="system">{t.reopened}</p>
    case 'failed':
      return <p class="system">{t.failed}</p>
    default:
      return null
  }
}

function ownerText(line: Extract<Line, { kind: 'owner' }>, t: Strings): string {
  if (line.owner === 'human') return fill(t.joined, { name: line.by.name })
  if (line.owner === 'ai') return t.handedBack
  return line.by.kind === 'customer' ? t.asked : t.called
}

function Greeting({ text }: { text: string }) {
  return (
    <div class="row theirs">
      <div class="bubble ai">{text}</div>
    </div>
  )
}

function QuickReplies() {
  const { client, state, t } = useShared()
  const chips = state.business?.quick_replies ?? []
  if (!chips.length) return null
  return (
    <fieldset class="chips" aria-label={t.quick} lang={state.business?.locale}>
      {chips.map(text => (
        <button type="button" key={text} class="chip" onClick={() => client.say(text)}>
          {text}
        </button>
      ))}
    </fieldset>
  )
}
