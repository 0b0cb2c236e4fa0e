/** Where the customer writes, stops a reply, and reaches a person. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { AddIcon, Assistant as Bot, Offline, Person, Send, Stop } from '../design/icons'
import { coming, hopeless, KINDS, ready } from '../protocol/files'
import { lastHuman } from '../protocol/lines'
import { currentReply } from '../protocol/thread'
import { Tray } from './Files'
import { useLasting, useShared } from './hooks'
import { Icon } from './Icon'
import { fill } from './strings'

const MAX = 4000
/** Shorter breaks heal before anyone has read a banner. */
const BANNER_AFTER_MS = 5000

export function Composer() {
  const { client, state, t, texting, language } = useShared()
  const text = state.draft
  /** Told to send, before every file is there. */
  const [armed, setArmed] = useState(false)
  const picker = useRef<HTMLInputElement>(null)
  const box = useRef<HTMLTextAreaElement>(null)
  const owner = state.thread.conversation?.owner ?? 'ai'
  const streaming = currentReply(state.thread) !== null
  const human = owner === 'human' ? lastHuman(state.thread) : null
  const refused = state.link.state === 'refused'

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useEffect(() => {
    const el = box.current
    if (!el) return
    el.style.setProperty('height', 'auto')
    el.style.setProperty('height', `${Math.min(el.scrollHeight, 140)}px`)
  }, [text])

  // Stop turns into Send, which has nothing to send yet: the focus would fall out of the chat.
  useLayoutEffect(() => {
    const el = box.current
    if (streaming || !el || matchMedia('(pointer: coarse)').matches) return
    const active = (el.getRootNode() as ShadowRoot).activeElement
    if (active?.matches('.send:disabled')) el.focus()
  }, [streaming])

  const { files } = state
  const underWay = coming(files, '')
  const carried = ready(files, '')
  const something = text.trim() !== '' || carried.length > 0 || underWay
  const say = () => {
    if (!something || refused) return
    if (underWay) return setArmed(true)
    client.write('')
    client.say(text.trim(), carried)
    box.current?.focus()
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the last file is there, or is not to come
  useEffect(() => {
    if (!armed || underWay) return
    setArmed(false)
    if (!files.some(f => f.why && !hopeless(f))) say()
  }, [armed, underWay])
  const keys = (e: KeyboardEvent) => {
    if (e.key !== 'Enter' || e.shiftKey || e.isComposing) return
    e.preventDefault()
    say()
  }
  const label = human ? fill(t.writePerson, { name: human }) : t.write
  return (
    <div class="composer">
      <Banner />
      <Tray />
      {armed && (
        <p class="meta" role="status">
          {t.armed}
        </p>
      )}
      <div class="field">
        <textarea
          ref={box}
          rows={1}
          value={text}
          maxLength={MAX}
          placeholder={label}
          aria-label={label}
          disabled={refused}
          onInput={e => client.write(e.currentTarget.value)}
          onBlur={() => client.typing(false)}
          onKeyDown={keys}
        />
        <input
          ref={picker}
          type="file"
          multiple
          accept={KINDS.join()}
          hidden
          onChange={e => {
            client.files.pick('', e.currentTarget.files ?? [])
            e.currentTarget.value = ''
            box.current?.focus()
          }}
        />
        <button
          type="button"
          class="plain attach"
          aria-label={t.attach}
          title={t.attach}
          disabled={refused}
          onClick={() => picker.current?.click()}
        >
          <Icon of={AddIcon} size={20} />
        </button>
        {streaming && !something ? (
          <button
            type="button"
            class="send stop"
            aria-label={t.stop}
            title={t.stop}
            onClick={() => void client.stopReply()}
          >
            <Icon of={Stop} size={16} />
          </button>
        ) : (
          <button
            type="button"
            class="send"
            aria-label={t.send}
            title={t.send}
            disabled={!something || armed}
            onClick={say}
          >
            <Icon of={Send} size={20} />
          </button>
        )}
      </div>
      <div class="below">
        {owner === 'ai' ? (
          <button type="button" class="link person" onClick={() => void client.human()}>
            <Icon of={Person} size={16} /> {t.talk}
          </button>
        ) : (
          <button type="button" class="link" onClick={() => void client.assistant()}>
            <Icon of={Bot} size={16} /> {t.back}
          </button>
        )}
        {texting && state.business?.texting && (
          <button type="button" class="link" onClick={e => texting(e.currentTarget, language)}>
            {t.text}
          </button>
        )}
      </div>
    </div>
  )
}

function Banner() {
  const { client, state, t } = useShared()
  const { link, notice } = state
  const lost = useLasting(link.state === 'down' || link.state === 'connecting' ? link.since : null, BANNER_AFTER_MS)
  useEffect(() => {
    if (notice === null) return
    const timer = setTimeout(() => client.store.dispatch({ type: 'notice', text: null }), 8000)
    return () => clearTimeout(timer)
  }, [notice, client])
  if (link.state === 'refused') return <p class="banner bad">{link.why || t.refused}</p>
  if (lost)
    return (
      <p class="banner">
        <Icon of={Offline} size={15} /> {t.offline}
      </p>
    )
  return notice === null ? null : <p class="banner">{notice || t.unanswered}</p>
}
