/** Campaigns: the list under the coming seasons, one of them, or the saved segments. */
import { useCallback, useState } from 'react'
import { AddIcon, Alert } from '../../design/icons'
import { Icon } from '../Icon'
import { dollars } from '../settings/figures'
import { Here, Older, Page, Saved } from '../settings/frame'
import { useLoaded, useLooking, useOlder } from '../settings/loading'
import { useApi } from '../settings/session'
import { count } from '../settings/texting/texting'
import '../settings/settings.css'
import '../complaints/complaints.css'
import './campaigns.css'
import type { Campaigns as All, Card, Seasons, State } from './campaigns'
import { SeasonsContext } from './context'
import { OneCampaign } from './OneCampaign'
import { SeasonStrip, useDrafting } from './Seasons'
import { SegmentPage, SegmentsPage } from './Segments'
import { progress, STATE, STATES, seasonOf, share, timing, variantOf } from './words'

const AGAIN_MS = 10_000

export default function Campaigns({ page, item }: { page: string | null; item: string | null }) {
  const { get } = useApi()
  const load = useCallback(() => get<Seasons>('campaigns/seasons'), [get])
  const seasons = useLoaded(load)
  return (
    <section className="page settings-page complaints campaigns" aria-label="Campaigns" key={`${page}/${item}`}>
      <div className="settings-measure">
        <SeasonsContext.Provider value={seasons.value}>
          {page === 'segments' ? (
            item ? (
              <SegmentPage id={item} />
            ) : (
              <SegmentsPage />
            )
          ) : page ? (
            <OneCampaign id={page} />
          ) : (
            <List seasons={seasons.value} />
          )}
        </SeasonsContext.Provider>
      </div>
    </section>
  )
}

function List({ seasons }: { seasons: Seasons | null }) {
  const { get } = useApi()
  const [state, setState] = useState<State | null>(null)
  const asked = `campaigns${state ? `?state=${state}` : ''}`
  const load = useCallback(() => get<All>(asked), [get, asked])
  const all = useLoaded(load)
  const { again } = all
  useLooking(again, AGAIN_MS)
  const older = useOlder(all, before => get<All>(`${asked}${state ? '&' : '?'}before=${before}`))
  return (
    <Page
      title="Campaigns"
      words="Text messages to many who agreed to them. Nothing goes out before a person approved it."
      action={<Actions />}
    >
      <SeasonStrip />
      <div className="narrowing">
        <fieldset className="views" aria-label="How it stands">
          <button type="button" className="view" aria-pressed={state === null} onClick={() => setState(null)}>
            All
          </button>
          {STATES.map(one => (
            <button key={one} type="button" className="view" aria-pressed={one === state} onClick={() => setState(one)}>
              {STATE[one]}
            </button>
          ))}
        </fieldset>
      </div>
      <Here
        of={all}
        empty={{
          when: page => page.items.length === 0,
          words: state
            ? `No campaign is ${STATE[state].toLowerCase()}.`
            : 'There is no campaign yet. Draft one for a season above, or begin with an empty one: nothing is sent until somebody approves it.',
        }}
      >
        {page => (
          <>
            <ul className="complaint-lines">
              {page.items.map(card => (
                <Row key={card.id} card={card} season={seasonOf(card.season, seasons?.seasons ?? [])} />
              ))}
            </ul>
            <Older cursor={page.before} {...older} />
          </>
        )}
      </Here>
    </Page>
  )
}

function Actions() {
  const { create, at } = useDrafting()
  return (
    <div className="actions start">
      <a className="button" href="#/campaigns/segments">
        Segments
      </a>
      <button
        type="button"
        className="button primary"
        disabled={at.state === 'saving'}
        onClick={() => void create({ name: 'New campaign' })}
      >
        <Icon of={AddIcon} size={16} /> New campaign
      </button>

      {at.state === 'failed' && <Saved at={at} />}
    </div>
  )
}

function Row({ card, season }: { card: Card; season: string }) {
  const { tally } = card
  return (
    <li className="complaint-line">
      <a className="complaint-link campaign-link" href={`#/campaigns/${card.id}`}>
        <span className="complaint-head">
          <strong>{card.name}</strong>
          <StateChip card={card} />
        </span>
        <span className="small soft">
          {season}, {variantOf(card.variant).toLowerCase()} · {timing(card)}
        </span>
        {tally && (
          <>
            {(card.state === 'running' || card.state === 'paused') && <Bar of={progress(tally)} label={card.name} />}
            <span className="campaign-figures small">
              <span>
                {tally.sent.toLocaleString('en-US')} sent of {count(tally.recipients, 'recipient')}
              </span>
              <span>{tally.replied} replied</span>
              <span>{tally.booked} booked</span>
              <span>{share(tally.opted_out, tally.sent)} opted out</span>
              <span>{dollars(tally.cost_microdollars)}</span>
            </span>
          </>
        )}
      </a>
    </li>
  )
}

export function StateChip({ card }: { card: Pick<Card, 'state' | 'pause_reason'> }) {
  const byItself = card.state === 'paused' && card.pause_reason !== 'staff'
  return (
    <span className={`chip campaign-state ${card.state}`}>
      {byItself && <Icon of={Alert} size={12} />} {STATE[card.state]}
      {byItself && ' by itself'}
    </span>
  )
}

/** How far it is, drawn and said. */
export function Bar({ of, label }: { of: number; label: string }) {
  return (
    <progress className="campaign-bar" aria-label={`${label}: sent so far`} max={1} value={of}>
      {Math.round(of * 100)} %
    </progress>
  )
}
