import { Back, DetailsIcon, Done, HandBack, TakeOver } from '../design/icons'
import { useClient, useDesk } from './hooks'
import { Icon } from './Icon'
import type { Stand } from './Thread'
import { channelName } from './words'

interface Props {
  id: string
  stand: Stand
  colleague: string
  onBack(): void
  onTake(): void
  onHandBack(): void
  onDetails(): void
}

/** Whose conversation this is, who looks on, and the one thing to do about it. */
export function ThreadHead({ id, stand, colleague, onBack, onTake, onHandBack, onDetails }: Props) {
  const client = useClient()
  const row = useDesk(d => d.rows[id])
  const me = useDesk(d => d.me)
  const owner = {
    ai: 'AI is answering',
    queue: 'Waiting for a person',
    mine: 'You are answering',
    theirs: `${colleague} is answering`,
    closed: 'Resolved',
  }[stand]
  return (
    <header className="thread-head">
      <button type="button" className="square back" aria-label="Back to the inbox" onClick={onBack}>
        <Icon of={Back} size={20} />
      </button>
      <div className="who">
        <h1>{row?.customer || 'Visitor'}</h1>
        <p className={`owner ${stand}`}>
          {channelName(row?.channel)} · {owner}
        </p>
      </div>
      <Viewers id={id} />
      <div className="head-actions">
        {stand !== 'mine' && stand !== 'closed' && (
          <button
            type="button"
            className={`button take ${stand === 'theirs' ? '' : 'primary'}`}
            data-action="take"
            onClick={onTake}
          >
            <Icon of={TakeOver} size={16} /> Take over <kbd>t</kbd>
          </button>
        )}
        {stand === 'mine' && (
          <button type="button" className="button" data-action="hand-back" onClick={onHandBack}>
            <Icon of={HandBack} size={16} /> <span className="label">Hand back</span>
          </button>
        )}
        {(stand === 'mine' || stand === 'ai' || stand === 'queue') && row && row.assignee !== me.id && (
          <button
            type="button"
            className="button secondary"
            data-action="assign"
            onClick={() => void client.assign(id, me.id)}
          >
            Assign to me
          </button>
        )}
        {stand === 'closed' ? (
          <button type="button" className="button" onClick={() => void client.reopen(id)}>
            Reopen
          </button>
        ) : (
          <button type="button" className="button" data-action="resolve" onClick={() => void client.resolve(id)}>
            <Icon of={Done} size={16} /> <span className="label">Resolve</span>
          </button>
        )}
      </div>
      <button type="button" className="square details-toggle" aria-label="Details" title="Details" onClick={onDetails}>
        <Icon of={DetailsIcon} size={20} />
      </button>
    </header>
  )
}

function Viewers({ id }: { id: string }) {
  const me = useDesk(d => d.me.id)
  const viewers = useDesk(d => d.viewers[id])
  const others = (viewers ?? []).filter(v => v.staff !== me)
  if (others.length === 0) return null
  const names = others.map(v => (v.typing ? `${v.name} is writing` : v.name)).join(', ')
  return (
    <p className="viewers" title={`Also here: ${names}`}>
      {others.slice(0, 3).map(v => (
        <span key={v.staff} className={`face ${v.typing ? 'typing' : ''}`} aria-hidden="true">
          {v.name.slice(0, 1)}
        </span>
      ))}
      <span className="unseen">Also here: {names}</span>
      {others.some(v => v.typing) && <span className="small soft">writing…</span>}
    </p>
  )
}
