/** Pushes to this device: whether it can have them, has them, and what the gateway knows of it. */
import { registration } from './registration'
import type { Api } from './settings/session'

export type Device = 'on' | 'off' | 'denied' | 'install first' | 'insecure' | 'unable'
export interface QuietHours {
  starts: number
  ends: number
  zone: string
}
export interface Notifications {
  /** What a browser subscribes with. */
  key: string
  quiet?: QuietHours | null
}

const AT = 'notifications'

export async function device(): Promise<Device> {
  if (!isSecureContext) return 'insecure'
  const held = await registration()
  if (!held?.pushManager || !('Notification' in window)) return isApple() ? 'install first' : 'unable'
  if (Notification.permission === 'denied') return 'denied'
  const subscription = await held.pushManager.getSubscription()
  return subscription && Notification.permission === 'granted' ? 'on' : 'off'
}

/** An iPhone or iPad, on which only an installed page may be pushed to. */
function isApple(): boolean {
  return (
    /iPad|iPhone|iPod/.test(navigator.userAgent) || (/Mac/.test(navigator.userAgent) && navigator.maxTouchPoints > 1)
  )
}

/** Asks whoever is there for their permission; what they answer is the device's state. */
export async function switchOn(api: Api, key: string): Promise<void> {
  const held = await registration()
  if (!held || (await Notification.requestPermission()) !== 'granted') return
  await subscribed(api, held, key)
}

export async function switchOff(api: Api): Promise<void> {
  const subscription = await (await registration())?.pushManager.getSubscription()
  if (!subscription) return
  await api.post(`${AT}/devices/remove`, { endpoint: subscription.endpoint })
  await subscription.unsubscribe()
}

export async function sendTest(api: Api): Promise<void> {
  const subscription = await (await registration())?.pushManager.getSubscription()
  await api.post(`${AT}/devices/test`, { endpoint: subscription?.endpoint ?? '' })
}

/** Whoever signs in on a device that has notifications is whom it wakes from now on. */
export async function keep(api: Api): Promise<void> {
  const held = await registration()
  if (!(await held?.pushManager?.getSubscription()) || !held) return
  await subscribed(api, held, (await api.get<Notifications>(AT)).key)
}

async function subscribed(api: Api, held: ServiceWorkerRegistration, key: string): Promise<void> {
  const wanted = bytes(key)
  const before = await held.pushManager.getSubscription()
  const known = before?.options.applicationServerKey
  // An install that was made anew has another key: what was subscribed with the old one reaches nobody.
  if (before && known && !same(new Uint8Array(known), wanted)) await before.unsubscribe()
  const now = await held.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: wanted })
  const { endpoint, keys } = now.toJSON()
  await api.post(`${AT}/devices`, { endpoint, p256dh: keys?.p256dh, auth: keys?.auth })
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const letters = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(letters, c => c.charCodeAt(0))
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i])
}
