/** What the console and the preview of the chat agree on; the script hands itself over on its element, as the chat app does. */
import type { Business } from '../protocol/wire'

export interface Look {
  business: Business
  dark: boolean
  /** The name of the person who answers in it. */
  person: string
}

/** Draws into a shadow root; what it gives draws again. */
export type Draw = (shadow: ShadowRoot) => (look: Look) => void
export type PreviewScript = HTMLScriptElement & { hibachi?: (draw: Draw) => void }
