/** The lines of a thread in blocks: one that did not change is not drawn again, one far from the eye is not drawn at all. */
import { memo, type RefObject, useMemo, useRef } from 'react'
import type { Line } from '../protocol/lines'
import { MessageBubble, NoteBubble, OutgoingBubble, ReplyBubble } from './Bubbles'
import { Card, Replaced } from './Card'
import type { Block } from './extent'
import { useNear } from './near'
import { day, time } from './when'
import { ownerText, staffText } from './words'

/** Messages are counted by their `seq`, so that older ones above do not cut the blocks anew. */
const BLOCK = 10

interface Props {
  list: readonly Line[]
  customer: string
  /** What scrolls. */
  box: RefObject<HTMLElement | null>
  /** Whether its end is kept in sight. */
  following: boolean
  onScroll(): void
}

export function Lines({ list, customer, box, following, onScroll }: Props) {
  const all = useMemo(() => blocksOf(list), [list])
  const drawn = useRef<HTMLDivElement>(null)
  const { blocks, above, below } = useNear(all, box, drawn, following, onScroll)
  return (
    <div ref={drawn} style={{ paddingTop: above, paddingBottom: below }}>
      {blocks.map(block => (
        <Stretch key={block.number} lines={block.lines} customer={customer} />
      ))}
    </div>
  )
}

interface StretchProps {
  lines: readonly Line[]
  customer: string
}

const Stretch = memo(
  function Stretch({ lines, customer }: StretchProps) {
    return (
      <div className="stretch">
        {lines.map(line => (
          <LogLine key={line.key} line={line} customer={customer} />
        ))}
      </div>
    )
  },
  (a, b) =>
    a.customer === b.customer && a.lines.length === b.lines.length && a.lines.every((line, i) => line === b.lines[i]),
)

function blocksOf(list: readonly Line[]): Block<Line>[] {
  const out: { number: number; lines: Line[] }[] = []
  let here = -1
  for (const line of list) {
    const number = line.kind === 'message' ? Math.floor(line.seq / BLOCK) : here
    if (number > here || out.length === 0) {
      here = Math.max(number, here)
      out.push({ number: here, lines: [] })
    }
    out.at(-1)?.lines.push(line)
  }
  return out
}

function LogLine({ line, customer }: { line: Line; customer: string }) {
  switch (line.kind) {
    case 'day':
      return <p className="day">{day(line.at)}</p>
    case 'message':
      return <MessageBubble message={line.message} customer={customer} at={line.at} first={line.first} />
    case 'reply':
      return <ReplyBubble reply={line.reply} />
    case 'outgoing':
      return <OutgoingBubble outgoing={line.outgoing} first={line.first} />
    case 'owner':
      return <System at={line.at} text={ownerText(line)} />
    case 'card':
      return <Card card={line.card} />
    case 'updated':
      return <Replaced card={line.card} at={line.at} />
    case 'closed':
      return <System at={line.at} text="Resolved" />
    case 'reopened':
      return <System at={line.at} text={`${line.by.name} reopened the conversation`} />
    case 'failed':
      return <System at={line.at} text="The AI could not answer this" />
    case 'staff':
      return line.event.kind === 'note' ? (
        <NoteBubble note={line.event} at={line.at} />
      ) : (
        <System at={line.at} text={staffText(line.event)} />
      )
  }
}

function System({ at, text }: { at: string; text: string }) {
  return (
    <p className="system">
      {text} <time dateTime={at}>{time(at)}</time>
    </p>
  )
}
