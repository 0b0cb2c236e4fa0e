/** What somebody should look after, in a line each; nothing where all is well. */
import { Alert } from '../../design/icons'
import { Icon } from '../Icon'

export function Alarms({ found }: { found: readonly string[] }) {
  if (found.length === 0) return null
  return (
    <div className="alarms" role="status">
      {found.map(words => (
        <p key={words}>
          <Icon of={Alert} size={16} /> {words}
        </p>
      ))}
    </div>
  )
}
