/** What the loader and the chat app agree on. The app arrives as a script of its own and is handed over on its element. */

export interface Start {
  shadow: ShadowRoot
  base: string
  site: string
  emit(name: HibachiEvent, detail?: unknown): void
  /** The person closed the panel from inside. */
  onClose(): void
}

export interface App {
  show(): void
  hide(): void
}

export type Mount = (start: Start) => App
export type HibachiEvent = 'open' | 'close' | 'message'
/** The app's script element carries this while it loads, so that nothing is left on `window`. */
export type AppScript = HTMLScriptElement & { hibachi?: (mount: Mount) => void }

declare global {
  interface Window {
    /** The one documented object: open and close the chat, hear `open`, `close` and `message`. */
    Hibachi?: { open(): void; close(): void; on(name: HibachiEvent, listener: (detail: unknown) => void): () => void }
  }
}
