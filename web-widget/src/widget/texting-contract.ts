/** What the chat app and the sheet that takes a talk on by text agree on; the sheet arrives as a script of its own when it is wanted. */
import type { ChatClient } from '../protocol/chat-client'
import type { Language } from './strings'

export interface GoingOn {
  /** What was pressed: the sheet opens in its panel, and the focus comes back to it. */
  from: HTMLElement
  language: Language
  client: ChatClient
}

export type ShowTexting = (going: GoingOn) => void
