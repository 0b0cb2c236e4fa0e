/** How the console calls somebody: on this device, by a sound, and when it lets them sleep. */
import { useCallback, useContext, useEffect, useState } from 'react'
import { BellContext } from '../bell'
import * as push from '../push'
import { Block, Field, Form, Here, Page, SaveBar, Saved } from './frame'
import { type Resource, useLoaded, useSaving } from './loading'
import { OwnPhone } from './OwnPhone'
import { useApi } from './session'

export default function NotificationsPage() {
  const { get } = useApi()
  const load = useCallback(() => get<push.Notifications>('notifications'), [get])
  const notifications = useLoaded(load)
  return (
    <Page
      title="Notifications"
      words="You are called when a customer asks for a person, waits too long, or a colleague mentions you. A notification never holds a customer’s words."
    >
      <Here of={notifications}>
        {value => (
          <>
            <ThisDevice publicKey={value.key} />
            <Sound />
            <OwnPhone />
            <Quiet quiet={value.quiet ?? null} of={notifications} />
          </>
        )}
      </Here>
    </Page>
  )
}

const WORDS: Record<Exclude<push.Device, 'on' | 'off'>, string> = {
  denied:
    'This browser was told to show no notifications from here. Allow them in its settings for this site, then reload.',
  'install first':
    'On an iPhone or iPad, install the console first: Share, then “Add to Home Screen”. Open it from there and come back to this page.',
  insecure: 'Browsers allow notifications at a secure address only (https). Open the console at one.',
  unable: 'This browser cannot be woken by notifications. The sound below works while the console is open.',
}

function ThisDevice({ publicKey }: { publicKey: string }) {
  const api = useApi()
  const saving = useSaving()
  const [device, setDevice] = useState<push.Device | null>(null)
  const [tested, setTested] = useState(false)
  const look = useCallback(() => push.device().then(setDevice), [])
  useEffect(() => {
    void look()
  }, [look])
  const change = async () => {
    setTested(false)
    await saving.run(() => (device === 'on' ? push.switchOff(api) : push.switchOn(api, publicKey)))
    await look()
  }
  const test = async () => {
    setTested(false)
    if ((await saving.run(() => push.sendTest(api).then(() => true))) !== null) setTested(true)
  }
  if (device === null) return null
  return (
    <Block title="This device" words="Called also while the console is closed.">
      {device !== 'on' && device !== 'off' ? (
        <p className="soft">{WORDS[device]}</p>
      ) : (
        <div className="save-bar">
          <button
            type="button"
            className={`button ${device === 'off' ? 'primary' : ''}`}
            disabled={saving.at.state === 'saving'}
            onClick={() => void change()}
          >
            {device === 'on' ? 'Turn notifications off' : 'Turn notifications on'}
          </button>
          {device === 'on' && (
            <button
              type="button"
              className="button"
              disabled={saving.at.state === 'saving'}
              onClick={() => void test()}
            >
              Send a test
            </button>
          )}
          <span role="status" className="soft small">
            {tested
              ? 'Sent. It should show in a moment.'
              : device === 'on'
                ? 'On for this device.'
                : 'Off for this device.'}
          </span>
          {saving.at.state === 'failed' && <Saved at={saving.at} />}
        </div>
      )}
    </Block>
  )
}

function Sound() {
  const bell = useContext(BellContext)
  if (!bell) return null
  return (
    <Block title="Sound" words="Two soft notes while somebody waits for a person and nobody is there.">
      <div className="save-bar">
        <button type="button" className="button" aria-pressed={bell.armed} onClick={bell.toggle}>
          {bell.armed ? 'Turn the sound off' : 'Turn the sound on'}
        </button>
        <span role="status" className="soft small">
          {bell.armed ? 'On in this browser.' : 'Off in this browser.'}
        </span>
      </div>
    </Block>
  )
}

const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5))
const NIGHT = { starts: 22 * 60, ends: 8 * 60 }

function Quiet({ quiet, of }: { quiet: push.QuietHours | null; of: Resource<push.Notifications> }) {
  const { patch } = useApi()
  const saving = useSaving()
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const [on, setOn] = useState(quiet !== null)
  const [hours, setHours] = useState({ starts: quiet?.starts ?? NIGHT.starts, ends: quiet?.ends ?? NIGHT.ends })
  const send = async () => {
    const wanted = on ? { ...hours, zone } : null
    const kept = await saving.run(() => patch<push.Notifications>('notifications', { quiet: wanted }))
    if (kept) of.change(() => kept)
  }
  const field = (which: 'starts' | 'ends') => ({
    type: 'time',
    required: true,
    value: clock(hours[which]),
    onChange: (e: { target: HTMLInputElement }) => {
      if (e.target.value) setHours({ ...hours, [which]: minutes(e.target.value) })
      saving.touched()
    },
  })
  return (
    <Block
      title="Quiet hours"
      words="No device of yours is woken between these hours, nor are you texted, but for what is severe; the inbox shows everything all the same."
    >
      <Form onSend={() => void send()}>
        <label className="check">
          <input
            type="checkbox"
            checked={on}
            onChange={e => {
              setOn(e.target.checked)
              saving.touched()
            }}
          />
          Keep quiet every day
        </label>
        {on && (
          <div className="pair">
            <Field label="From">
              <input {...field('starts')} />
            </Field>
            <Field label="Until" hint={`By the clock of ${(quiet?.zone ?? zone).replaceAll('_', ' ')}.`}>
              <input {...field('ends')} />
            </Field>
          </div>
        )}
        <SaveBar at={saving.at} label="Save quiet hours" />
      </Form>
    </Block>
  )
}
