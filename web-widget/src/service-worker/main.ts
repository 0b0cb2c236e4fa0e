/** The console's service worker: the page without a connection, and pushes. It answers for `/console` alone. */
import { closeAll, open, show } from './push'
import { type Shell, ShellCache } from './shell'

declare const self: ServiceWorkerGlobalScope
declare const __SHELL__: Shell

const shell = new ShellCache(__SHELL__, self.location.origin, self.caches, request => fetch(request))

self.addEventListener('install', event => {
  // A newer build never waits for the tabs of an older one.
  event.waitUntil(shell.fill().then(() => self.skipWaiting()))
})
self.addEventListener('activate', event => {
  event.waitUntil(shell.forget().then(() => self.clients.claim()))
})
self.addEventListener('fetch', event => {
  const answer = shell.answer(event.request)
  if (answer) event.respondWith(answer)
})
self.addEventListener('message', event => {
  if (event.data === 'signed-in') event.waitUntil(shell.refill())
  if (event.data === 'signed-out') event.waitUntil(Promise.all([shell.forget(true), closeAll(self)]))
})
self.addEventListener('push', event => {
  event.waitUntil(show(self, json(event.data)))
})
self.addEventListener('notificationclick', event => {
  event.waitUntil(open(self, event.notification))
})

function json(data: PushMessageData | null): unknown {
  try {
    return data?.json()
  } catch {
    return null
  }
}
