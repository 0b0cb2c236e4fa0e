/** The calendar's next windows as a strip: when each opens, what it has, and a draft for it by a button. */
import { useContext, useState } from 'react'
import { AddIcon } from '../../design/icons'
import { useRoute } from '../hooks'
import { Icon } from '../Icon'
import { Saved } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import type { Campaign, Season } from './campaigns'
import { SeasonsContext } from './context'
import { coming, date, nameOf, span } from './words'

export function SeasonStrip() {
  const known = useContext(SeasonsContext)
  const today = new Date().toISOString().slice(0, 10)
  const shown = coming(known?.seasons ?? [], today)
  if (shown.length === 0) return null
  return (
    <section className="seasons" aria-label="The coming seasons">
      <h2>The coming seasons</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <ol className="season-strip" tabIndex={0} aria-label="Seasons, the next first">
        {shown.map(season => (
          <OneSeason key={`${season.key}${season.opens}`} season={season} />
        ))}
      </ol>
    </section>
  )
}

function OneSeason({ season }: { season: Season }) {
  const { create, at } = useDrafting()
  const [campaign] = season.campaigns
  const name = season.name.en ?? season.key
  return (
    <li className={`season ${season.open_now ? 'open' : ''}`}>
      <strong>
        {name} {season.open_now && <span className="chip season-now">Open now</span>}
      </strong>
      <span className="small">
        Send <time dateTime={season.opens}>{span(season.opens, season.closes)}</time>
      </span>
      <span className="small soft">{season.day ? `The day is ${date(season.day)}` : 'No day of its own'}</span>
      {campaign ? (
        <a className="button" href={`#/campaigns/${campaign}`}>
          Look at it<span className="unseen">: {name}</span>
        </a>
      ) : (
        <button
          type="button"
          className="button"
          disabled={at.state === 'saving'}
          onClick={() => void create({ name: nameOf(season), season: season.key, send_on: later(season.opens) })}
        >
          <Icon of={AddIcon} size={16} /> Draft one<span className="unseen"> for {name}</span>
        </button>
      )}
      {at.state === 'failed' && <Saved at={at} />}
    </li>
  )
}

/** The window's first day, or today where it is open already. */
function later(opens: string): string {
  const today = new Date().toISOString().slice(0, 10)
  return opens > today ? opens : today
}

/** Makes a draft and goes to it. */
export function useDrafting() {
  const { post } = useApi()
  const [, go] = useRoute()
  const saving = useSaving()
  // The same draft, should its answer be lost and the button be pressed again.
  const [id] = useState(() => crypto.randomUUID())
  const create = async (what: { name: string; season?: string; send_on?: string }) => {
    const made = await saving.run(() => post<Campaign>('campaigns', { id, send_from: '10:00', ...what }))
    if (made) go({ view: 'campaigns', page: made.campaign.id })
  }
  return { create, at: saving.at }
}
