/** The lines of a thread in blocks: one that did not change is not drawn again, one out of sight is not laid out. */
import { memo, useLayoutEffect, useRef } from 'react'
import type { Line } from '../protocol/lines'
import { MessageBubble, NoteBubble, OutgoingBubble, ReplyBubble } from './Bubbles'
import { Card } from './Card'
import { day, time } from './when'
import { ownerText, staffText } from './words'

/** Messages are counted by their `seq`, so that older ones above do not cut the blocks anew. */
const BLOCK = 50
/** The last blocks are always laid out: the end must be where the end is. */
const NEAR = 2

export function Lines({ list, customer }: { list: readonly Line[]; customer: string }) {
  const all = blocks(list)
  return all.map((block, i) => (
    <Block key={block.key} lines={block.lines} customer={customer} far={i < all.length - NEAR} />
  ))
}

interface BlockProps {
  lines: readonly Line[]
  customer: string
  far: boolean
}

const Block = memo(function Block({ lines, customer, far }: BlockProps) {
  const box = useRef<HTMLDivElement>(null)
  // Its height is known before it is left out of the layout: nothing jumps where it comes into sight again.
  useLayoutEffect(() => {
    const el = box.current
    if (!el) return
    el.style.contentVisibility = ''
    if (!far) return
    el.style.containIntrinsicSize = `auto ${el.offsetHeight}px`
    el.style.contentVisibility = 'auto'
  })
  return (
    <div ref={box} className="block">
      {lines.map(line => (
        <LogLine key={line.key} line={line} customer={customer} />
      ))}
    </div>
  )
}, same)

function same(a: BlockProps, b: BlockProps): boolean {
  return (
    a.customer === b.customer &&
    a.far === b.far &&
    a.lines.length === b.lines.length &&
    a.lines.every((line, i) => line === b.lines[i])
  )
}

function blocks(list: readonly Line[]): { key: string; lines: Line[] }[] {
  const out: { key: string; lines: Line[] }[] = []
  let here = -1
  for (const line of list) {
    const number = line.kind === 'message' ? Math.floor(line.seq / BLOCK) : here
    if (number > here || out.length === 0) {
      here = Math.max(number, here)
      out.push({ key: `b${here}`, lines: [] })
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
