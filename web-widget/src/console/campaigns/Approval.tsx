/** What is missing, what would happen, and the deeds of people: approve, start, take the approval back. */
import { useState } from 'react'
import { Alert, Done } from '../../design/icons'
import { useDesk } from '../hooks'
import { Icon } from '../Icon'
import { Sure } from '../Sure'
import { dollars } from '../settings/figures'
import { Block, Saved } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { count } from '../settings/texting/texting'
import { moment } from '../when'
import type { Campaign, Check, Forecast } from './campaigns'
import { DEED, type Deed, deeds, lasting, people, when, zoneName } from './words'

interface Props {
  of: Campaign
  unsaved: boolean
  checks: readonly Check[]
  /** Segments of what stands in the editor; null while they are not known. */
  estimate: number | null
  put(campaign: Campaign): void
}

export function Approval({ of, unsaved, checks, estimate, put }: Props) {
  const { campaign, forecast } = of
  const chief = useDesk(d => d.me.role !== 'agent')
  const { run, at } = useDeed(of, put)
  const [asked, setAsked] = useState<Deed | null>(null)
  const missing = checks.some(one => one.level === 'error')
  const open = deeds(campaign.state, chief)
  return (
    <Block title="Before it goes out">
      <Checks checks={checks} />
      {unsaved ? (
        <p className="hint-line">
          Save what you changed first.
          {estimate !== null && ` As it stands here it takes ${count(estimate, 'segment')}.`}
        </p>
      ) : (
        forecast && <WouldBe of={forecast} />
      )}
      {campaign.state === 'approved' && (
        <p className="small">
          {campaign.approved_by ?? 'Somebody'} approved it
          {campaign.approved_at && ` ${moment(campaign.approved_at)}`}. Whatever you change of what is sent, to whom or
          when makes it a draft again.
        </p>
      )}
      {!chief && <p className="soft small">An owner or an admin approves and starts it.</p>}
      <div className="actions start">
        {open.map((deed, n) => (
          <button
            key={deed}
            type="button"
            className={`button ${n === 0 ? 'primary' : ''}`}
            disabled={unsaved || at.state === 'saving' || (deed === 'approve' && missing)}
            onClick={() => (deed === 'withdraw' ? void run(deed) : setAsked(deed))}
          >
            {DEED[deed]}
          </button>
        ))}
      </div>
      {at.state === 'failed' && !asked && <Saved at={at} />}
      {asked && (
        <Sure
          title={asked === 'approve' ? `Approve “${campaign.name}”?` : `Start “${campaign.name}”?`}
          deed={DEED[asked]}
          at={at}
          onSure={() => void run(asked).then(done => done && setAsked(null))}
          onClose={() => setAsked(null)}
        >
          <Summary of={of} deed={asked} />
        </Sure>
      )}
    </Block>
  )
}

/** Does one of the deeds as of the `rev` that is seen; gives whether it was done. */
export function useDeed(of: Campaign, put: (campaign: Campaign) => void) {
  const { post } = useApi()
  const saving = useSaving()
  const run = async (deed: Deed): Promise<boolean> => {
    const { id, rev } = of.campaign
    // To stop and to pause never fails over who was quicker.
    const body = deed === 'approve' || deed === 'withdraw' || deed === 'start' ? { rev } : {}
    const now = await saving.run(() => post<Campaign>(`campaigns/${id}/${deed}`, body))
    if (now) put(now)
    return now !== null
  }
  return { run, at: saving.at }
}

function Checks({ checks }: { checks: readonly Check[] }) {
  if (checks.length === 0) {
    return (
      <p className="campaign-check good">
        <Icon of={Done} size={16} /> Nothing is missing.
      </p>
    )
  }
  return (
    <ul className="campaign-checks" aria-label="What is missing">
      {checks.map(one => (
        <li key={`${one.code}${one.field}`} className={`campaign-check ${one.level}`}>
          <Icon of={Alert} size={16} />
          <span>
            {one.level === 'error' && <span className="unseen">Missing: </span>}
            {one.message}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** Were it started now. */
function WouldBe({ of }: { of: Forecast }) {
  return (
    <div className="forecast">
      <dl className="text-facts">
        <div>
          <dt className="small soft">Recipients</dt>
          <dd>{of.recipients.toLocaleString('en-US')}</dd>
        </div>
        <div>
          <dt className="small soft">Segments</dt>
          <dd>{of.segments.toLocaleString('en-US')}</dd>
        </div>
        <div>
          <dt className="small soft">Cost</dt>
          <dd>{dollars(of.cost_microdollars)}</dd>
        </div>
        <div>
          <dt className="small soft">Takes</dt>
          <dd>
            {lasting(of.minutes)}, at {of.per_minute} a minute
          </dd>
        </div>
      </dl>
      {of.zones.length > 0 && (
        <ul className="zone-starts small" aria-label="When it begins, by zone">
          {of.zones.map(zone => (
            <li key={zone.zone}>
              <span>
                {zoneName(zone.zone)}, {people(zone.recipients)}
              </span>
              <time className="soft" dateTime={zone.first_at}>
                {inZone(zone.first_at, zone.zone)}
              </time>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** "Sun 1 Nov, 10:00 AM" by the clock of that zone. */
function inZone(at: string, zone: string): string {
  const parts = { weekday: 'short', day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' } as const
  return new Date(at).toLocaleString('en-US', { ...parts, timeZone: zone })
}

function begins(card: Campaign['campaign'], deed: Deed): string {
  if (card.send_on || deed !== 'start') return when(card)
  return 'It begins at once, for each within the hours in which we may write'
}

function Summary({ of, deed }: { of: Campaign; deed: Deed }) {
  const { campaign, forecast, samples } = of
  return (
    <div className="deed-summary">
      {forecast && (
        <p>
          {people(forecast.recipients)} would get it now: {count(forecast.segments, 'segment')}, about{' '}
          {dollars(forecast.cost_microdollars)}. {begins(campaign, deed)}.
        </p>
      )}
      {samples.map(one => (
        <p key={one.locale} className="phone-bubble plain" lang={one.locale}>
          {one.text}
        </p>
      ))}
      <p className="soft small">
        {deed === 'approve'
          ? 'Nothing goes out yet: somebody starts it. You stand for these words.'
          : 'Who gets it is fixed now. You can pause or stop it at any moment.'}
      </p>
    </div>
  )
}
