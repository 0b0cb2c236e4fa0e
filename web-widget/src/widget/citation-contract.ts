/** What the chat app and the viewer of a cited passage agree on; the viewer arrives as a script of its own when one is first opened. */
import type { Markdown } from '../text/markdown'
import type { Language } from './strings'

export interface Opening {
  /** What was pressed: the sheet opens in its panel, and the focus comes back to it. */
  from: HTMLElement
  title: string
  language: Language
  Markdown: typeof Markdown
  /** Asks the gateway for the passage. */
  read(): Promise<Response>
}

export type Show = (opening: Opening) => void
