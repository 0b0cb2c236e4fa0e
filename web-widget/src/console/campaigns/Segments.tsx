/** Segments: saved filters of customers, who is in them counted anew each time. */
import { useCallback, useState } from 'react'
import { AddIcon } from '../../design/icons'
import { Dialog } from '../Dialog'
import { useRoute } from '../hooks'
import { Icon } from '../Icon'
import { Block, Field, Form, Here, Page, SaveBar, Saved } from '../settings/frame'
import { useLoaded, useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { count } from '../settings/texting/texting'
import { LiveCount, useCount } from './Counts'
import type { Segment } from './campaigns'
import { FilterEditor } from './FilterEditor'
import { EVERYBODY, inWords, read, write } from './filters'

const HOME = { href: '#/campaigns', label: 'Campaigns' }
const LIST = { href: '#/campaigns/segments', label: 'Segments' }
const NEW = 'new'

export function useSegments() {
  const { get } = useApi()
  const load = useCallback(() => get<{ items: Segment[] }>('segments').then(answer => answer.items), [get])
  return useLoaded(load)
}

export function SegmentsPage() {
  const segments = useSegments()
  return (
    <Page
      title="Segments"
      words="Whom campaigns go to. Who is in one is asked anew each time; only those who agreed to marketing by text ever get anything."
      back={HOME}
      action={
        <a className="button primary" href={`#/campaigns/segments/${NEW}`}>
          <Icon of={AddIcon} size={16} /> New segment
        </a>
      }
    >
      <Here
        of={segments}
        empty={{
          when: all => all.length === 0,
          words: 'No filter is saved yet. Make one to use it for several campaigns, like “Had a party within a year”.',
        }}
      >
        {all => (
          <ul className="complaint-lines">
            {all.map(one => (
              <li key={one.id} className="complaint-line">
                <a className="complaint-link" href={`#/campaigns/segments/${one.id}`}>
                  <strong>{one.name}</strong>
                  <span className="soft small">{inWords(one.audience.filter)}</span>
                  <span className="soft small">
                    {one.campaigns === 0 ? 'No campaign uses it' : `Used by ${count(one.campaigns, 'campaign')}`}
                  </span>
                </a>
              </li>
            ))}
          </ul>
        )}
      </Here>
    </Page>
  )
}

export function SegmentPage({ id }: { id: string }) {
  const segments = useSegments()
  const empty: Segment = { id, name: '', audience: { filter: EVERYBODY }, campaigns: 0, changed_at: '' }
  return (
    <Page title={id === NEW ? 'New segment' : 'Segment'} words="Change it, and see at once who is in it." back={LIST}>
      <Here
        of={segments}
        empty={{
          when: all => id !== NEW && !all.some(one => one.id === id),
          words: 'There is no such segment. It may have been forgotten meanwhile.',
        }}
      >
        {all => <Editing segment={all.find(one => one.id === id) ?? empty} />}
      </Here>
    </Page>
  )
}

function Editing({ segment }: { segment: Segment }) {
  const { post, patch } = useApi()
  const [, go] = useRoute()
  const saving = useSaving()
  const isNew = segment.id === NEW
  const [name, setName] = useState(segment.name)
  const [rows, setRows] = useState(() => read(segment.audience.filter))
  // The same one, should its answer be lost and the button be pressed again.
  const [id] = useState(() => (isNew ? crypto.randomUUID() : segment.id))
  const filter = rows ? write(rows) : segment.audience.filter
  const counted = useCount(filter)
  const save = async () => {
    const body = { name: name.trim(), audience: { filter } }
    const kept = await saving.run(() =>
      isNew ? post<Segment>('segments', { id, ...body }) : patch<Segment>(`segments/${id}`, body),
    )
    if (kept && isNew) go({ view: 'campaigns', page: 'segments', item: kept.id })
  }
  return (
    <div className="campaign-parts">
      <Block title="Filter">
        <Form onSend={() => void save()}>
          <Field label="Name">
            <input
              value={name}
              maxLength={120}
              required
              onChange={event => {
                setName(event.target.value)
                saving.touched()
              }}
            />
          </Field>
          <FilterEditor
            rows={rows}
            onChange={changed => {
              setRows(changed)
              saving.touched()
            }}
          />
          <SaveBar at={saving.at} label={isNew ? 'Save segment' : 'Save'}>
            {!isNew && <Forget segment={segment} />}
          </SaveBar>
        </Form>
      </Block>
      <Block title="Who is in it now">
        <LiveCount of={counted} />
      </Block>
    </div>
  )
}

function Forget({ segment }: { segment: Segment }) {
  const { remove } = useApi()
  const [, go] = useRoute()
  const saving = useSaving()
  const [asked, setAsked] = useState(false)
  if (segment.campaigns > 0) return null
  const forget = async () => {
    const done = await saving.run(() => remove(`segments/${segment.id}`))
    if (done) go({ view: 'campaigns', page: 'segments' })
  }
  return (
    <>
      <button type="button" className="button danger" onClick={() => setAsked(true)}>
        Forget it
      </button>
      {asked && (
        <Dialog title={`Forget “${segment.name}”?`} onClose={() => setAsked(false)}>
          <p className="soft">No campaign uses it. Customers stay as they are.</p>
          <div className="actions">
            <button type="button" className="button" onClick={() => setAsked(false)}>
              Leave it
            </button>
            <button type="button" className="button danger" onClick={() => void forget()}>
              Forget it
            </button>
          </div>
          {saving.at.state === 'failed' && <Saved at={saving.at} />}
        </Dialog>
      )}
    </>
  )
}
