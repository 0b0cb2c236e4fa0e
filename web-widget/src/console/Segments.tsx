/** While one writes to somebody who is answered by text: how many segments it takes. */
import { measure, plain } from '../text/segments'
import { useDesk } from './hooks'

export function Segments({ id, text }: { id: string; text: string }) {
  const byText = useDesk(d => d.rows[id]?.channel === 'sms')
  if (!byText) return null
  return <span className="mode-count">{counted(text)}</span>
}

export function counted(text: string): string {
  const words = text.trim()
  if (words === '') return 'Goes out by text'
  const { segments, left } = measure(plain(words))
  return `By text · ${segments === 1 ? '1 segment' : `${segments} segments`} · ${left} left`
}
