/** A polite live region that gets whole sentences: what the eye sees grow, the ear hears once. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { cardOf } from '../protocol/cards'
import { inWords } from '../protocol/files'
import { currentReply, type Thread } from '../protocol/thread'
import type { ChatEvent } from '../protocol/wire'
import { sentences } from '../text/sentences'
import { cardInWords } from './cards'
import { useShared } from './hooks'
import { fill, type Strings } from './strings'

export function Announcer({ open }: { open: boolean }) {
  const { state, t } = useShared()
  const { thread } = state
  const [said, setSaid] = useState<{ id: number; text: string }[]>([])
  const spoken = useRef({ seq: null as number | null, turn: '', upTo: 0, id: 0 })

  useEffect(() => {
    const memory = spoken.current
    const news: string[] = []
    // What was there before the panel opened is read by going through the log.
    if (memory.seq !== null) for (const e of fresh(thread, memory.seq)) news.push(ofEvent(e, memory, t))
    memory.seq = thread.after
    const reply = currentReply(thread)
    if (reply) {
      if (reply.turn !== memory.turn) Object.assign(memory, { turn: reply.turn, upTo: 0 })
      const { say, upTo } = sentences(reply.text, memory.upTo, false)
      memory.upTo = upTo
      news.push(say)
    }
    const spoke = news.filter(text => text !== '').map(text => ({ id: memory.id++, text }))
    if (spoke.length && open) setSaid(before => [...before, ...spoke].slice(-6))
  }, [thread, open, t])

  return (
    <div class="unseen" aria-live="polite">
      {said.map(s => (
        <p key={s.id}>{s.text}</p>
      ))}
    </div>
  )
}

function fresh(thread: Thread, after: number): ChatEvent[] {
  return thread.events.filter(e => e.seq > after)
}

/** The words for one event; a reply's message says only what its sentences have not. */
function ofEvent(e: ChatEvent, memory: { turn: string; upTo: number }, t: Strings): string {
  if (e.kind === 'owner_changed') {
    if (e.owner === 'human') return fill(t.joined, { name: e.by.name })
    if (e.owner === 'ai') return t.handedBack
    return e.by.kind === 'customer' ? t.asked : t.called
  }
  if (e.kind === 'card') {
    const card = cardOf(e)
    return card ? cardInWords(card, t) : ''
  }
  if (e.kind === 'closed') return t.closed
  if (e.kind === 'reopened') return t.reopened
  if (e.kind !== 'message' || e.message.author.kind === 'customer') return ''
  const heard = e.message.turn === memory.turn ? memory.upTo : 0
  const { say } = sentences(inWords(e.message), heard, true)
  const end = e.message.interrupted ? ` (${t.interrupted})` : ''
  return heard ? say + end : `${e.message.author.name || t.assistant}: ${say}${end}`
}
