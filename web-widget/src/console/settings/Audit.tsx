import { useCallback, useMemo, useState } from 'react'
import { Save } from '../../design/icons'
import { Icon } from '../Icon'
import { day, time } from '../when'
import { Here, Older, Page, Saved } from './frame'
import { useLoaded, useOlder, useSaving } from './loading'
import type { Colleague } from './people'
import { type Api, useApi } from './session'
import './audit.css'
import { ALL, csv, did, type Entry, type Filter, placeOf, question, SUBJECTS, type TrailPage, who } from './trail'

/** A file holds at most so many pages of so many entries. */
const FILE_PAGES = 20
const FILE_LIMIT = 500

/** Who did what, and when. */
export default function Audit() {
  const { get } = useApi()
  const [filter, setFilter] = useState<Filter>(ALL)
  const load = useCallback(() => get<TrailPage>(question(filter)), [get, filter])
  const trail = useLoaded(load)
  const older = useOlder(trail, cursor => get<TrailPage>(question(filter, { cursor })))
  return (
    <Page
      title="Audit"
      words="What was done here, by whom and when. Nothing of it can be changed."
      action={<Download filter={filter} />}
    >
      <Filters filter={filter} onChange={setFilter} />
      <div className={trail.waiting && trail.value ? 'asking-again' : ''} aria-busy={trail.waiting}>
        <Here
          of={trail}
          empty={{
            when: page => page.items.length === 0,
            words:
              filter === ALL
                ? 'Every sign-in, takeover and change of the settings will be listed here.'
                : 'Nothing like that was done. Choose less, or another day.',
          }}
        >
          {page => (
            <>
              <Days entries={page.items} />
              <Older cursor={page.cursor} {...older} />
            </>
          )}
        </Here>
      </div>
    </Page>
  )
}

function Filters({ filter, onChange }: { filter: Filter; onChange(filter: Filter): void }) {
  const { get } = useApi()
  const load = useCallback(() => get<{ items: Colleague[] }>('staff'), [get])
  const staff = useLoaded(load)
  const set = (change: Partial<Filter>) => onChange({ ...filter, ...change })
  return (
    <fieldset className="filters">
      <legend className="unseen">Show only</legend>
      <label className="labelled">
        By
        <select value={filter.actor} onChange={e => set({ actor: e.target.value })}>
          <option value="">Anybody</option>
          {staff.value?.items.map(one => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
          <option value="cli">The command line</option>
          <option value="system">The gateway</option>
        </select>
      </label>
      <label className="labelled">
        What
        <select value={filter.action} onChange={e => set({ action: e.target.value })}>
          <option value="">Everything</option>
          {SUBJECTS.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label className="labelled">
        Day
        <input type="date" value={filter.day} onChange={e => set({ day: e.target.value })} />
      </label>
      {filter !== ALL && (
        <button type="button" className="button quiet" onClick={() => onChange(ALL)}>
          Show everything
        </button>
      )}
    </fieldset>
  )
}

function Days({ entries }: { entries: readonly Entry[] }) {
  const days = useMemo(() => {
    const found: { title: string; entries: Entry[] }[] = []
    for (const entry of entries) {
      const title = day(entry.at)
      if (found.at(-1)?.title !== title) found.push({ title, entries: [] })
      found.at(-1)?.entries.push(entry)
    }
    return found
  }, [entries])
  return days.map(({ title, entries: those }) => (
    <section key={title} className="trail-day" aria-label={title}>
      <h2>{title}</h2>
      <ul className="trail">
        {those.map(entry => (
          <Line key={entry.id} entry={entry} />
        ))}
      </ul>
    </section>
  ))
}

function Line({ entry }: { entry: Entry }) {
  const place = placeOf(entry)
  return (
    <li className="trail-line">
      <time className="soft small" dateTime={entry.at} title={new Date(entry.at).toLocaleString()}>
        {time(entry.at)}
      </time>
      <p>
        <strong>{who(entry)}</strong> {did(entry)}
      </p>
      {place ? (
        <a className="trail-place" href={place}>
          Open<span className="unseen"> the conversation</span>
        </a>
      ) : (
        <span />
      )}
    </li>
  )
}

function Download({ filter }: { filter: Filter }) {
  const api = useApi()
  const saving = useSaving()
  const save = async () => {
    const entries = await saving.run(() => gathered(api, filter))
    if (!entries) return
    // The mark tells a spreadsheet that this is UTF-8.
    const url = URL.createObjectURL(new Blob(['\ufeff', csv(entries)], { type: 'text/csv' }))
    const link = document.createElement('a')
    link.href = url
    link.download = `audit-${filter.day || new Date().toISOString().slice(0, 10)}.csv`
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 10_000)
  }
  return (
    <div className="save-bar">
      <button type="button" className="button" disabled={saving.at.state === 'saving'} onClick={() => void save()}>
        <Icon of={Save} size={16} /> {saving.at.state === 'saving' ? 'Gathering…' : 'Download CSV'}
      </button>
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
    </div>
  )
}

async function gathered({ get }: Api, filter: Filter): Promise<Entry[]> {
  const entries: Entry[] = []
  let cursor: string | undefined
  for (let page = 0; page < FILE_PAGES; page += 1) {
    const answer = await get<TrailPage>(question(filter, { cursor, limit: FILE_LIMIT }))
    entries.push(...answer.items)
    cursor = answer.cursor
    if (!cursor) break
  }
  return entries
}
