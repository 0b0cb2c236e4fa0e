import { Suggest } from '../../design/icons'
import { Icon } from '../Icon'

/** The assistant's place in the rail, with how much waits. */
export function AskPlace({ waiting, onAsk }: { waiting: number; onAsk(): void }) {
  return (
    <button type="button" className="place" title="Ask the assistant (q)" aria-haspopup="dialog" onClick={onAsk}>
      <Icon of={Suggest} size={20} />
      <span>Ask</span>
      {waiting > 0 && (
        <span className="count">
          {waiting > 99 ? '99+' : waiting}
          <span className="unseen"> things wait</span>
        </span>
      )}
    </button>
  )
}
