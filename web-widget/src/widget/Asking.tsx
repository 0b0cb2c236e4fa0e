/** What the visitor may be asked, never before they may talk: how to reach them, and how it was. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { StarIcon } from '../design/icons'
import { currentReply } from '../protocol/thread'
import { useShared } from './hooks'
import { Icon } from './Icon'
import { fill } from './strings'

/** What may be asked, each with its kind of field and how a browser fills it in. */
const FIELDS = {
  name: ['text', 'name'],
  email: ['email', 'email'],
  phone: ['tel', 'tel'],
  event_date: ['date', 'off'],
} as const

type Box = 'sms_consent' | 'sms_marketing'
/** A consent is a box, never ticked before: its words are the business's. */
const isBox = (name: keyof typeof FIELDS | Box): name is Box => name[0] === 's'

/** Thanks are read and gone. */
const THANKS_MS = 6000

/** After the first message: a line that opens into the fields that the site chose, or goes for good. */
export function Reach() {
  const { client, state, t } = useShared()
  const { thread, asked, outbox } = state
  const given = asked.profile === 'given'
  useEffect(() => {
    if (!given) return
    const timer = setTimeout(() => client.noProfile(), THANKS_MS)
    return () => clearTimeout(timer)
  }, [given, client])
  const wrote = thread.events.some(e => e.kind === 'message' && e.message.author.kind === 'customer')
  if (given) return <p class="system">{t.kept}</p>
  const { business } = state
  const fields = business?.ask ?? []
  if (!fields.length || asked.profile === 'off' || !wrote || outbox.length || currentReply(thread)) return null
  if (thread.conversation?.state === 'closed') return null
  return (
    <details class="asking" onToggle={e => e.currentTarget.scrollIntoView({ block: 'end' })}>
      <summary>{t.reach}</summary>
      <form
        onSubmit={e => {
          e.preventDefault()
          const form = new FormData(e.currentTarget)
          const told = fields
            .map(name => [name, isBox(name) ? form.has(name) : String(form.get(name) ?? '').trim()])
            .filter(([, v]) => v)
          if (told.length) void client.profile(Object.fromEntries(told))
        }}
      >
        {fields.map(name =>
          isBox(name) ? (
            <label key={name} class="check">
              <input name={name} type="checkbox" />
              {business?.[name]}
            </label>
          ) : (
            <label key={name}>
              {t[name]}
              <input
                name={name}
                type={FIELDS[name][0]}
                autocomplete={FIELDS[name][1]}
                maxLength={200}
                list={undefined}
              />
            </label>
          ),
        )}
        <div class="asking-do">
          <button type="button" class="chip" onClick={() => client.noProfile()}>
            {t.notNow}
          </button>
          <button type="submit" class="chip primary">
            {t.keep}
          </button>
        </div>
      </form>
    </details>
  )
}

/** At the end: one to five, and words for whoever has some. */
export function Rate() {
  const { client, state, t } = useShared()
  const [score, setScore] = useState(0)
  const [comment, setComment] = useState('')
  const box = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (score) box.current?.scrollIntoView({ block: 'end' })
  }, [score])
  if (state.thread.conversation?.state !== 'closed' || state.asked.rate === 'off') return null
  if (state.asked.rate === 'given') return <p class="system">{t.rated}</p>
  return (
    <form
      ref={box}
      class="asking"
      onSubmit={e => {
        e.preventDefault()
        if (score) void client.rate(score, comment.trim())
      }}
    >
      <fieldset class="stars" aria-label={t.rateAsk}>
        <p>{t.rateAsk}</p>
        {[1, 2, 3, 4, 5].map(n => (
          <button
            key={n}
            type="button"
            class={n <= score ? 'star full' : 'star'}
            aria-pressed={n === score}
            aria-label={fill(t.stars, { n })}
            onClick={() => setScore(n)}
          >
            <Icon of={StarIcon} size={24} />
          </button>
        ))}
      </fieldset>
      {score > 0 && (
        <>
          <label>
            {t.comment}
            <input value={comment} maxLength={1000} onInput={e => setComment(e.currentTarget.value)} />
          </label>
          <div class="asking-do">
            <button type="submit" class="chip primary">
              {t.rateSend}
            </button>
          </div>
        </>
      )}
    </form>
  )
}
