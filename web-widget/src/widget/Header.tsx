import { Close, Save } from '../design/icons'
import { lastHuman } from '../protocol/lines'
import { useShared } from './hooks'
import { Icon } from './Icon'
import { save } from './save'
import { fill } from './strings'
import { transcript } from './transcript'

/** The business, who answers now, and how soon a person would. */
export function Header({ onClose }: { onClose(): void }) {
  const { state, t } = useShared()
  const name = state.business?.name ?? ''
  const owner = state.thread.conversation?.owner ?? 'ai'
  return (
    <div class="header">
      <span class={`avatar ${owner}`} aria-hidden="true">
        {name.slice(0, 1)}
      </span>
      <div class="who">
        <h2>{name || t.us}</h2>
        <p class={`answers ${owner}`} title={state.business?.hours}>
          <Answers />
        </p>
      </div>
      <Download />
      <button type="button" class="close plain" aria-label={t.close} title={t.close} onClick={onClose}>
        <Icon of={Close} size={20} />
      </button>
    </div>
  )
}

/** Minutes; beyond it a number does not comfort. */
const LONGEST_WAIT = 60

function Answers() {
  const { state, t } = useShared()
  const { business, thread, expectedMinutes, link } = state
  const owner = thread.conversation?.owner ?? 'ai'
  if (!business) return <>{link.state === 'refused' ? '' : t.connecting}</>
  if (owner === 'human') return <>{fill(t.withPerson, { name: lastHuman(thread) ?? business.name })}</>
  const soon = expectedMinutes ?? business.reply_minutes
  if (business.back) return <>{fill(owner === 'ai' ? t.assistantAway : t.away, { back: business.back })}</>
  if (owner === 'queue') return <>{soon && soon <= LONGEST_WAIT ? fill(t.queueSoon, { n: soon }) : t.queue}</>
  if (business.open && soon) return <>{fill(t.assistantSoon, { n: soon })}</>
  return <>{business.hours ? fill(t.assistantHours, { hours: business.hours }) : t.assistant}</>
}

/** The whole talk as a text file, made here; nothing is sent anywhere. */
function Download() {
  const { client, state, t, language } = useShared()
  if (!state.thread.events.some(e => e.kind === 'message')) return null
  const take = async () => {
    await client.whole()
    const { thread, business } = client.store.get()
    const text = transcript(thread, business?.name ?? '', t, language)
    save(new Blob([text], { type: 'text/plain' }), `${t.file}-${new Date().toISOString().slice(0, 10)}.txt`)
  }
  return (
    <button type="button" class="plain" aria-label={t.save} title={t.save} onClick={() => void take()}>
      <Icon of={Save} size={18} />
    </button>
  )
}
