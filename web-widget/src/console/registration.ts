/** Where the service worker of the console stands. */
export const SCOPE = '/console'

/** Undefined where the browser has none, or not at this address: it wants https. */
export async function registration(): Promise<ServiceWorkerRegistration | undefined> {
  return navigator.serviceWorker?.getRegistration(SCOPE)
}
