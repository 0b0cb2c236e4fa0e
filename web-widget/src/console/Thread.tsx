/** One conversation, word by word, with what the team can do about it. */
import { useEffect, useState } from 'react'
import { isMine } from '../protocol/groups'
import { lastHuman } from '../protocol/lines'
import { emptyThread } from '../protocol/thread'
import type { Row } from '../protocol/wire'
import { Composer } from './Composer'
import { Details } from './Details'
import { Dialog } from './Dialog'
import { useClient, useDesk } from './hooks'
import { Log } from './Log'
import { NoticeBar } from './NoticeBar'
import { ThreadHead } from './ThreadHead'

export type Stand = 'ai' | 'queue' | 'mine' | 'theirs' | 'closed'

interface Props {
  id: string
  now: number
  onBack(): void
}

export function Thread({ id, now, onBack }: Props) {
  const client = useClient()
  const thread = useDesk(d => d.threads[id]) ?? emptyThread
  const row = useDesk(d => d.rows[id])
  const mine = useDesk(d => isMine(d, id))
  const [details, setDetails] = useState(false)
  const [asking, setAsking] = useState<'force' | 'hand back' | null>(null)
  const stand = standOf(thread.conversation ?? row, mine)
  const colleague = lastHuman(thread) ?? 'A colleague'

  const head = thread.after
  useEffect(() => {
    if (head === null) return
    const look = () => document.visibilityState === 'visible' && client.seen(id)
    look()
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [client, id, head])

  const called = useDesk(d => d.mentions.some(m => m.conversation === id))
  useEffect(() => {
    if (!called) return
    const look = () => document.visibilityState === 'visible' && client.mentionSeen(id)
    look()
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [client, id, called])

  const take = () => {
    if (stand === 'theirs') setAsking('force')
    else void client.take(id)
  }
  return (
    <>
      <section className="thread" aria-label={`Conversation with ${row?.customer || 'a visitor'}`}>
        <ThreadHead
          id={id}
          stand={stand}
          colleague={colleague}
          onBack={onBack}
          onTake={take}
          onHandBack={() => setAsking('hand back')}
          onDetails={() => setDetails(open => !open)}
        />
        <NoticeBar id={id} onForce={() => setAsking('force')} />
        <Log id={id} thread={thread} />
        <Composer id={id} stand={stand} colleague={colleague} onTake={take} />
      </section>
      <Details id={id} open={details} now={now} onClose={() => setDetails(false)} />
      {asking === 'force' && <Force id={id} colleague={colleague} onClose={() => setAsking(null)} />}
      {asking === 'hand back' && <HandBack id={id} onClose={() => setAsking(null)} />}
    </>
  )
}

function standOf(c: Pick<Row, 'owner' | 'state'> | undefined, mine: boolean): Stand {
  if (!c) return 'ai'
  if (c.state === 'closed') return 'closed'
  if (c.owner === 'human') return mine ? 'mine' : 'theirs'
  return c.owner
}

function Force({ id, colleague, onClose }: { id: string; colleague: string; onClose(): void }) {
  const client = useClient()
  return (
    <Dialog title={`${colleague} is answering here`} onClose={onClose}>
      <p>
        If you take over, {colleague} can no longer reply until the conversation is given back. The customer sees that
        you joined.
      </p>
      <div className="actions">
        <button type="button" className="button" onClick={onClose}>
          Leave it
        </button>
        <button
          type="button"
          className="button primary"
          onClick={() => {
            void client.take(id, true)
            onClose()
          }}
        >
          Take over anyway
        </button>
      </div>
    </Dialog>
  )
}

function HandBack({ id, onClose }: { id: string; onClose(): void }) {
  const client = useClient()
  const [note, setNote] = useState('')
  return (
    <Dialog title="Hand back to the AI" onClose={onClose}>
      <form
        onSubmit={event => {
          event.preventDefault()
          void client.giveBack(id, note.trim())
          onClose()
        }}
      >
        <label className="labelled">
          What should it know? (optional)
          <textarea rows={3} maxLength={2000} value={note} onChange={e => setNote(e.target.value)} />
        </label>
        <p className="soft small">
          Only staff and the AI see this. If the customer had the last word, the AI answers at once.
        </p>
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Keep it
          </button>
          <button type="submit" className="button primary">
            Hand back
          </button>
        </div>
      </form>
    </Dialog>
  )
}
