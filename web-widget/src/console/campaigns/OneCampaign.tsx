/** One campaign: its editor while what is sent may be changed, else how it goes and what came of it. */
import { useCallback, useState } from 'react'
import { CopyIcon } from '../../design/icons'
import { useRoute } from '../hooks'
import { Icon } from '../Icon'
import { Here, Page, Saved } from '../settings/frame'
import { useLoaded, useLooking, useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { StateChip } from './Campaigns'
import type { Campaign } from './campaigns'
import { Editor } from './Editor'
import { Running } from './Running'
import { timing, variantOf } from './words'

const AGAIN_MS = 5_000

export function OneCampaign({ id }: { id: string }) {
  const { get } = useApi()
  const load = useCallback(() => get<Campaign>(`campaigns/${id}`), [get, id])
  const one = useLoaded(load)
  const { again, value, change } = one
  const goes = value?.campaign.state === 'running'
  useLooking(again, goes ? AGAIN_MS : null)
  const put = (campaign: Campaign) => change(() => campaign)
  return (
    <Page
      title={value?.campaign.name ?? 'Campaign'}
      words={value ? `${variantOf(value.campaign.variant)}. ${timing(value.campaign)}.` : one.why ? '' : 'One moment'}
      back={{ href: '#/campaigns', label: 'Campaigns' }}
      action={
        value && (
          <div className="actions start">
            <StateChip card={value.campaign} />
            <Duplicate id={id} />
          </div>
        )
      }
    >
      <Here of={one}>{of => (of.editable ? <Editor of={of} put={put} /> : <Running of={of} put={put} />)}</Here>
    </Page>
  )
}

function Duplicate({ id }: { id: string }) {
  const { post } = useApi()
  const [, go] = useRoute()
  const saving = useSaving()
  const [copy] = useState(() => crypto.randomUUID())
  const duplicate = async () => {
    const made = await saving.run(() => post<Campaign>(`campaigns/${id}/duplicate`, { id: copy }))
    if (made) go({ view: 'campaigns', page: made.campaign.id })
  }
  return (
    <>
      <button type="button" className="button" disabled={saving.at.state === 'saving'} onClick={() => void duplicate()}>
        <Icon of={CopyIcon} size={16} /> Make one like it
      </button>
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
    </>
  )
}
