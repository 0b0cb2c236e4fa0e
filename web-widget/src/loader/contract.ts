/** What the loader and the chat app agree on. The app arrives as a script of its own and is handed over on its element. */

export interface Start {
  shadow: ShadowRoot
  base: string
  site: string
  emit(name: HibachiEvent, detail?: unknown): void
  /** The language that the page asked for, if any. */
  locale: string | null
  /** Messages that came while the chat was closed; 0 takes the badge off. */
  onUnread(count: number): void
  /** Fetches another script from beside the loader; gives what it hands over on its element. */
  load<T>(file: string): Promise<T>
  /** The person closed the panel from inside. */
  onClose(): void
}

export interface App {
  /** `again`: as it stood open on the page before; the focus stays where it is. */
  show(again: boolean): void
  hide(): void
  /** Who the page says the visitor is: a token signed with the site's secret; null signs out whom a page had named. */
  identify(identity: string | null): void
}

export type Mount = (start: Start) => App
export type HibachiEvent = 'open' | 'close' | 'message'
/** A script's element carries this while it loads, so that nothing is left on `window`. */
export type AppScript<T = Mount> = HTMLScriptElement & { hibachi?: (made: T) => void }

declare global {
  interface Window {
    /** The one documented object: open and close the chat, say who the visitor is, hear `open`, `close` and `message`. */
    Hibachi?: {
      open(): void
      close(): void
      identify(identity: string | null): void
      on(name: HibachiEvent, listener: (detail: unknown) => void): () => void
    }
  }
}
