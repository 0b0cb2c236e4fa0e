import type { Notice } from '../protocol/desk'
import { useClient, useDesk } from './hooks'

/** A command that did not go through: what happened, what to do. */
export function NoticeBar({ id, onForce }: { id: string; onForce(): void }) {
  const client = useClient()
  const notice = useDesk(d => d.notice)
  if (!notice || notice.conversation !== id) return null
  const close = () => client.store.dispatch({ type: 'notice', notice: null })
  const force = notice.command === 'take' && notice.error.code === 'conflict'
  return (
    <div className="notice" role="alert">
      <p>{explain(notice)}</p>
      {force && (
        <button
          type="button"
          className="button"
          onClick={() => {
            close()
            onForce()
          }}
        >
          Take over anyway…
        </button>
      )}
      <button type="button" className="button quiet" onClick={close}>
        Dismiss
      </button>
    </div>
  )
}

function explain({ command, error }: Notice): string {
  switch (error.code) {
    case 'stale':
      return 'Somebody changed who answers here a moment ago. You now see how it stands; look, then try again.'
    case 'conflict':
      return command === 'take' ? 'A colleague is answering here.' : `${error.message || 'Somebody else was quicker.'}`
    case 'not_found':
      return 'This conversation is not here. It may have been removed.'
    case 'unavailable':
      return error.message || 'The gateway did not answer. Nothing was changed; try again.'
    default:
      return error.message || 'That did not work. Nothing was changed.'
  }
}
