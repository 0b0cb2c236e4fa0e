/** The console as an app of its own: its service worker, told who comes and goes, and asked for a newer build. */
import { useEffect, useState } from 'react'
import { keep } from './push'
import { registration, SCOPE } from './registration'
import { useApi } from './settings/session'

const SCRIPT = '/console/sw.js'
const LOOK_EVERY_MS = 60 * 60_000

async function tell(word: 'signed-in' | 'signed-out'): Promise<void> {
  const found = await registration()
  found?.active?.postMessage(word)
}

/** What is kept of the page goes with whoever signs out, and nobody wakes this device any more. */
export async function forget(): Promise<void> {
  await tell('signed-out')
  const subscription = await (await registration())?.pushManager?.getSubscription()
  await subscription?.unsubscribe()
}

/** Whether a newer build has come than the one that this page runs; it takes over while nobody looks and nothing is written. */
export function useInstalled(): boolean {
  const api = useApi()
  const [newer, setNewer] = useState(false)
  useEffect(() => {
    // A notification that was clicked.
    const asked = ({ data }: MessageEvent) => {
      if (typeof data?.open === 'string' && data.open.startsWith(`${SCOPE}#/`))
        location.hash = data.open.slice(SCOPE.length)
    }
    navigator.serviceWorker?.addEventListener('message', asked)
    return () => navigator.serviceWorker?.removeEventListener('message', asked)
  }, [])
  useEffect(() => {
    const workers = navigator.serviceWorker
    if (!workers) return
    // The first worker of all takes over a page that is as new as it is.
    let known = workers.controller !== null
    const changed = () => {
      setNewer(known)
      known = true
    }
    let kept: ServiceWorkerRegistration | null = null
    const look = () => {
      // Without a connection there is nothing newer to be had.
      if (document.visibilityState === 'visible') kept?.update().catch(() => undefined)
    }
    workers.addEventListener('controllerchange', changed)
    document.addEventListener('visibilitychange', look)
    const timer = setInterval(look, LOOK_EVERY_MS)
    workers.register(SCRIPT, { scope: SCOPE }).then(
      async found => {
        kept = found
        await workers.ready
        await tell('signed-in')
        await keep(api).catch(() => undefined)
      },
      // A browser that refuses (a private window) has a console all the same.
      () => undefined,
    )
    return () => {
      workers.removeEventListener('controllerchange', changed)
      document.removeEventListener('visibilitychange', look)
      clearInterval(timer)
    }
  }, [api])
  useEffect(() => {
    if (!newer) return
    const unseen = () => document.visibilityState === 'hidden' && !writing() && location.reload()
    document.addEventListener('visibilitychange', unseen)
    return () => document.removeEventListener('visibilitychange', unseen)
  }, [newer])
  return newer
}

function writing(): boolean {
  const fields = document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('textarea, input')
  return (
    [...fields].some(field => field.value !== field.defaultValue) || document.querySelector('dialog[open]') !== null
  )
}
