/** What wakes the device: a notification for each push, and the console where it is clicked. */
const CONSOLE = '/console'
const ICON = '/console/icon192.png'

/** As the gateway sends it (business/push/sending.py). Of one `tag` the newest is shown. */
export interface Pushed {
  title: string
  body: string
  path: string
  tag: string
}

/** Null for what is not ours: whoever holds the keys is trusted, a broken payload is not. */
export function pushed(data: unknown): Pushed | null {
  const { title, body, path, tag } = (data ?? {}) as Partial<Record<keyof Pushed, unknown>>
  if (typeof title !== 'string' || typeof body !== 'string' || typeof tag !== 'string') return null
  if (typeof path !== 'string' || !path.startsWith(`${CONSOLE}#/`)) return null
  return { title, body, path, tag }
}

export async function show(scope: ServiceWorkerGlobalScope, data: unknown): Promise<void> {
  // Browsers take the right away from whoever is woken and shows nothing.
  const it = pushed(data) ?? { title: 'Console', body: 'Something needs a look.', path: `${CONSOLE}#/`, tag: 'console' }
  const windows = await scope.clients.matchAll({ type: 'window' })
  await scope.registration.showNotification(it.title, {
    body: it.body,
    tag: it.tag,
    icon: ICON,
    data: it.path,
    // Whoever has the console before them hears it there.
    silent: windows.some(window => window.focused),
    renotify: true,
  } as NotificationOptions)
}

/** The conversation, in the console that is open already, or in a new one. */
export async function open(scope: ServiceWorkerGlobalScope, notification: Notification): Promise<void> {
  notification.close()
  const path = String(notification.data ?? CONSOLE)
  const windows = await scope.clients.matchAll({ type: 'window' })
  const window = windows.find(w => w.focused) ?? windows.find(w => new URL(w.url).pathname === CONSOLE)
  if (!window) {
    await scope.clients.openWindow(path)
    return
  }
  window.postMessage({ open: path })
  await window.focus()
}

export async function closeAll(scope: ServiceWorkerGlobalScope): Promise<void> {
  for (const notification of await scope.registration.getNotifications()) notification.close()
}
