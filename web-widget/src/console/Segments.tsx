/** While one writes to somebody who is answered by text: how many segments it takes, what becomes of a long one, and whether it goes. */
import { Alert } from '../design/icons'
import { GOES_WHOLE, measure, plain, SHORTENED } from '../text/segments'
import { useDesk } from './hooks'
import { Icon } from './Icon'
import { phone } from './settings/texting/texting'

export function Segments({ id, text }: { id: string; text: string }) {
  const byText = useDesk(d => d.rows[id]?.channel === 'sms')
  const agreed = useDesk(d => d.details[id]?.consent)
  if (!byText) return null
  const stopped = agreed?.stopped ? agreed.address : null
  const warning = stopped ? `${phone(stopped)} stopped texts: it gets none` : tooLong(text)
  return (
    <span className={`mode-count ${warning ? 'warned' : ''}`}>
      {warning && <Icon of={Alert} size={14} />}
      {/* Said once, when it comes to that; the figures are not read out with every key. */}
      <span role="status">{warning}</span>
      {!warning && counted(text)}
    </span>
  )
}

export function counted(text: string): string {
  const words = text.trim()
  if (words === '') return 'Goes out by text'
  const { segments, left } = measure(plain(words))
  return `By text · ${segments === 1 ? '1 segment' : `${segments} segments`} · ${left} left`
}

/** What becomes of a text that is longer than phones get whole; null of any other. */
export function tooLong(text: string): string | null {
  const { segments } = measure(plain(text.trim()))
  return segments > GOES_WHOLE ? `${segments} segments: they get ${SHORTENED}, and a link to the whole` : null
}
