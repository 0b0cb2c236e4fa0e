/** A campaign that was started: how it goes, what to do, and what came of it. */
import { useCallback, useState } from 'react'
import { PauseIcon, PlayIcon, Stop } from '../../design/icons'
import { useDesk, useNow } from '../hooks'
import { Icon } from '../Icon'
import { Sure } from '../Sure'
import { FigureTable } from '../settings/FigureTable'
import { Block, Here, Saved } from '../settings/frame'
import { useLoaded, useLooking } from '../settings/loading'
import { useApi } from '../settings/session'
import { moment } from '../when'
import { useDeed } from './Approval'
import { Bar } from './Campaigns'
import type { Campaign, Card, Results } from './campaigns'
import { Phone } from './Phone'
import { Recipients } from './Recipients'
import { Came, Tiles } from './Results'
import { DEED, deeds, lasting, people, progress, skippedWhy, standstill, zoneName } from './words'

const AGAIN_MS = 5_000

interface Props {
  of: Campaign
  put(campaign: Campaign): void
}

export function Running({ of, put }: Props) {
  const { get } = useApi()
  const { id, state } = of.campaign
  const load = useCallback(() => get<Results>(`campaigns/${id}/results`), [get, id])
  const results = useLoaded(load)
  const { again } = results
  // Answers and bookings go on after the last text went out.
  useLooking(again, state === 'running' ? AGAIN_MS : 2 * AGAIN_MS)
  return (
    <>
      <Held card={of.campaign} />
      <Controls of={of} put={put} onDone={again} />
      <Here of={results}>
        {value => (
          <>
            <Tiles of={value} />
            <div className="campaign-parts">
              <div className="complaint-column">
                {/* What is looked for first: how far it is, later what came of it. */}
                {value.tally.planned > 0 && <Going card={of.campaign} of={value} />}
                <Block title="What came of it">
                  <Came of={value} />
                </Block>
                {value.tally.planned === 0 && <Going card={of.campaign} of={value} />}
              </div>
              <div className="complaint-column">
                <Block title="What it says">
                  <Phone samples={of.samples} reminders={of.reminder_samples} />
                </Block>
                <LeftOut of={value} />
              </div>
            </div>
            <Recipients id={id} tally={value.tally} />
          </>
        )}
      </Here>
    </>
  )
}

/** Why it stands still, and what to do. */
function Held({ card }: { card: Card }) {
  const why = standstill(card)
  if (!why) return null
  return (
    <div className={`notice campaign-held ${card.pause_reason}`} role="alert">
      <p>
        <strong>{why.what}</strong> {why.todo}
        {card.pause_reason === 'provider' && (
          <>
            {' '}
            <a href="#/settings/texting">Look at Texting</a>
          </>
        )}
      </p>
    </div>
  )
}

/** To pause takes one press and can be taken back; to stop is for good, and is asked once. */
function Controls({ of, put, onDone }: Props & { onDone(): void }) {
  const chief = useDesk(d => d.me.role !== 'agent')
  const { run, at } = useDeed(of, put)
  const [asked, setAsked] = useState(false)
  const open = deeds(of.campaign.state, chief)
  if (open.length === 0) return null
  const then = (done: boolean) => {
    if (done) onDone()
    return done
  }
  return (
    <div className="campaign-controls">
      {open.map(deed => (
        <button
          key={deed}
          type="button"
          className={`button campaign-deed ${deed}`}
          disabled={at.state === 'saving'}
          onClick={() => (deed === 'stop' ? setAsked(true) : void run(deed).then(then))}
        >
          <Icon of={deed === 'stop' ? Stop : deed === 'pause' ? PauseIcon : PlayIcon} size={20} /> {DEED[deed]}
        </button>
      ))}
      {at.state === 'failed' && !asked && <Saved at={at} />}
      {asked && (
        <Sure
          sheet
          title={`Stop “${of.campaign.name}” for good?`}
          deed="Stop for good"
          danger
          at={at}
          onSure={() =>
            void run('stop')
              .then(then)
              .then(done => done && setAsked(false))
          }
          onClose={() => setAsked(false)}
        >
          <p className="soft">
            What has not left does not leave, and it cannot be resumed. Who has it already keeps it; their answers still
            reach you.
          </p>
        </Sure>
      )}
    </div>
  )
}

function Going({ card, of: { tally, zones } }: { card: Card; of: Results }) {
  const now = useNow()
  const left = tally.planned
  return (
    <Block
      title="How far it is"
      words={
        left === 0
          ? 'Everybody was dealt with.'
          : `${people(left)} still to come, at most ${card.per_minute} a minute: ${lasting(left / card.per_minute)} of sending.`
      }
    >
      <Bar of={progress(tally)} label={card.name} />
      <FigureTable label="By time zone" columns={['Zone', 'Sent', 'To come', 'Left out', 'Next']}>
        {zones.map(zone => (
          <tr key={zone.zone}>
            <th scope="row">{zoneName(zone.zone)}</th>
            <td>{zone.written}</td>
            <td>{zone.planned}</td>
            <td>{zone.skipped}</td>
            <td>{zone.next_at ? (Date.parse(zone.next_at) <= now ? 'now' : moment(zone.next_at)) : ''}</td>
          </tr>
        ))}
      </FigureTable>
    </Block>
  )
}

function LeftOut({ of: { skipped } }: { of: Results }) {
  if (skipped.length === 0) return null
  return (
    <Block title="Left out">
      <ul className="left-out">
        {skipped.map(one => (
          <li key={one.why}>
            <span className="figure">{one.recipients.toLocaleString('en-US')}</span> {skippedWhy(one.why)}
          </li>
        ))}
      </ul>
    </Block>
  )
}
