/** Who got it and what they did, by how far they came; each leads to their conversation. */
import { useCallback, useState } from 'react'
import { Save } from '../../design/icons'
import { saveAnswer } from '../download'
import { useDesk } from '../hooks'
import { Icon } from '../Icon'
import { Block, Here, Older, Saved } from '../settings/frame'
import { useLoaded, useOlder, useSaving } from '../settings/loading'
import { useApi, useSession } from '../settings/session'
import { phone } from '../settings/texting/texting'
import { moment } from '../when'
import type { Outcome, Recipients as Page, Recipient, Tally } from './campaigns'
import { OUTCOME, OUTCOMES, outcomeOf, skippedWhy, zoneName } from './words'

export function Recipients({ id, tally }: { id: string; tally: Tally }) {
  const chief = useDesk(d => d.me.role !== 'agent')
  if (!chief) return null
  return (
    <Block title="Recipients" words="By number. Answers stand in the inbox; the name leads there.">
      <Chosen id={id} tally={tally} />
    </Block>
  )
}

function Chosen({ id, tally }: { id: string; tally: Tally }) {
  const { get } = useApi()
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const asked = `campaigns/${id}/recipients?${new URLSearchParams(outcome ? { outcome } : {})}`
  const load = useCallback(() => get<Page>(asked), [get, asked])
  const shown = useLoaded(load)
  const older = useOlder(shown, after => get<Page>(`${asked}&after=${encodeURIComponent(after)}`))
  return (
    <>
      <div className="narrowing">
        <fieldset className="views" aria-label="What became of it">
          <button type="button" className="view" aria-pressed={outcome === null} onClick={() => setOutcome(null)}>
            All <span className="tally">{tally.recipients}</span>
          </button>
          {OUTCOMES.filter(one => one === outcome || tally[one] > 0).map(one => (
            <button
              key={one}
              type="button"
              className="view"
              aria-pressed={one === outcome}
              onClick={() => setOutcome(one)}
            >
              {OUTCOME[one]} <span className="tally">{tally[one]}</span>
            </button>
          ))}
        </fieldset>
      </div>
      <Here of={shown} empty={{ when: page => page.items.length === 0, words: 'Nobody is there.' }}>
        {page => (
          <>
            <ul className="recipients">
              {page.items.map(one => (
                <One key={one.number} recipient={one} />
              ))}
            </ul>
            <Older cursor={page.after} {...older}>
              <Export id={id} />
            </Older>
            {!page.after && <Export id={id} />}
          </>
        )}
      </Here>
    </>
  )
}

function One({ recipient }: { recipient: Recipient }) {
  const outcome = outcomeOf(recipient)
  const name = recipient.name || phone(recipient.number)
  return (
    <li>
      <span className="recipient-who">
        {recipient.conversation ? <a href={`#/c/${recipient.conversation}`}>{name}</a> : <span>{name}</span>}
        <span className="soft small">
          {recipient.name && `${phone(recipient.number)}, `}
          {zoneName(recipient.zone)}
        </span>
      </span>
      <span className="recipient-how">
        <span className={`chip outcome ${outcome}`}>{OUTCOME[outcome]}</span>
        <span className="soft small">{detail(recipient)}</span>
      </span>
    </li>
  )
}

function detail(one: Recipient): string {
  if (one.opted_out_at) return moment(one.opted_out_at)
  if (one.booked_at) return moment(one.booked_at)
  if (one.replied_at) return moment(one.replied_at)
  if (one.why) return skippedWhy(one.why)
  const at = moment(one.written_at ?? one.due_at)
  return one.reminded ? `${at}, reminded` : at
}

function Export({ id }: { id: string }) {
  const { session } = useSession()
  const saving = useSaving()
  const take = () => void saving.run(() => saveAnswer(`campaigns/${id}/export`, {}, session.csrf, 'campaign.csv'))
  return (
    <span className="save-bar">
      <button type="button" className="button" disabled={saving.at.state === 'saving'} onClick={take}>
        <Icon of={Save} size={16} /> All as CSV
      </button>
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
    </span>
  )
}
