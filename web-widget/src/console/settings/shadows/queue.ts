/** The list of pairs that somebody goes through: read a page at a time, and marked as they are judged. */
import { useCallback } from 'react'
import { type Saving, useLoaded, useSaving } from '../loading'
import { useApi } from '../session'
import { marked, nextUnjudged } from './judging'
import { type Filter, type Line, type Lines, listQuestion, type Preference } from './shadows'

export interface Queue {
  /** Null before the first page is there. */
  page: Lines | null
  items: readonly Line[]
  waiting: boolean
  why: string | null
  again(): void
  /** The page after the last one; at `older` how that goes. */
  more(cursor: string): Promise<Lines | null>
  older: Saving
  mark(id: string, preference: Preference | null): void
  /** The next that nobody judged, this one judged so; further pages are read for it. Null where none is left. */
  following(id: string, preference: Preference): Promise<string | null>
}

/** Somebody who has judged so many in a row will look at the list again. */
const PAGES = 5

export function useQueue(filter: Filter): Queue {
  const { get } = useApi()
  const asked = filter.candidate ? listQuestion(filter) : null
  const load = useCallback(() => (asked ? get<Lines>(asked) : Promise.resolve<Lines>({ items: [] })), [get, asked])
  const { value, waiting, why, again, change } = useLoaded(load)
  const older = useSaving()
  const items = value?.items ?? []
  const more = async (cursor: string) => {
    const page = await older.run(() => get<Lines>(listQuestion(filter, cursor)))
    if (page) change(all => ({ items: [...all.items, ...page.items], cursor: page.cursor }))
    return page
  }
  const following = async (id: string, preference: Preference) => {
    let found = nextUnjudged(marked(items, id, preference), id)
    let cursor = value?.cursor
    for (let page = 0; found === null && cursor && page < PAGES; page += 1) {
      const next = await more(cursor)
      found = nextUnjudged(next?.items ?? [], null)
      cursor = next?.cursor
    }
    return found
  }
  return {
    page: value,
    items,
    waiting,
    why,
    again,
    more,
    older: older.at,
    mark: (id, preference) => change(all => ({ ...all, items: marked(all.items, id, preference) })),
    following,
  }
}
