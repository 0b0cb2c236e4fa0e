/** Who cooks: name, station, what they take, when they work, and the calendar that their phone subscribes to. */
import { useCallback, useRef, useState } from 'react'
import { AddIcon } from '../../design/icons'
import { newId } from '../../protocol/ids'
import { Dialog } from '../Dialog'
import { Icon } from '../Icon'
import { Copyable, Field, Form, Here, Page, SaveBar } from '../settings/frame'
import { useLoaded, useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import '../settings/staff.css'
import './chefs.css'
import { ChefHours } from './ChefHours'
import { type Chefs as All, type ChefRow, inWords } from './hours'

export default function Chefs() {
  const { get } = useApi()
  const load = useCallback(() => get<All>('chefs'), [get])
  const chefs = useLoaded(load)
  const [adding, setAdding] = useState(false)
  const put = (one: ChefRow) =>
    chefs.change(all => ({
      ...all,
      items: all.items.some(other => other.id === one.id)
        ? all.items.map(other => (other.id === one.id ? one : other))
        : [...all.items, one],
    }))
  return (
    <Page
      title="Chefs"
      words="Who cooks, and when. Within two weeks of a party their hours decide what is free."
      action={
        <button type="button" className="button primary" onClick={() => setAdding(true)}>
          <Icon of={AddIcon} size={16} /> Add a chef
        </button>
      }
    >
      <Here
        of={chefs}
        empty={{
          when: all => all.items.length === 0,
          words: 'No chef is here yet. Until one is, the capacity of the station alone decides what is free.',
        }}
      >
        {all => (
          <ul className="people">
            {all.items.map(one => (
              <ChefLine key={one.id} chef={one} all={all} onChanged={put} />
            ))}
          </ul>
        )}
      </Here>
      {adding && chefs.value && (
        <ChefForm title="Add a chef" chef={null} all={chefs.value} onSaved={put} onClose={() => setAdding(false)} />
      )}
    </Page>
  )
}

interface LineFrame {
  chef: ChefRow
  all: All
  onChanged(chef: ChefRow): void
}

function ChefLine({ chef, all, onChanged }: LineFrame) {
  const [open, setOpen] = useState<'form' | 'hours' | null>(null)
  const station = all.stations.find(one => one.key === chef.station)?.name ?? chef.station
  return (
    <li className={`chef-row ${chef.active ? '' : 'off'}`}>
      <span className="initial" aria-hidden="true">
        {chef.name.slice(0, 1).toUpperCase()}
      </span>
      <div className="person-who">
        <p className="line">
          <strong>{chef.name}</strong>
          {!chef.active && <span className="chip">inactive</span>}
        </p>
        <p className="soft small">
          {station} · {sizeOf(chef, all)}
          {chef.rating !== undefined && ` · rated ${chef.rating}`}
        </p>
        <p className="soft small">{inWords(chef)}</p>
      </div>
      <div className="chef-do">
        <button type="button" className="button" onClick={() => setOpen('hours')}>
          Hours<span className="unseen"> of {chef.name}</span>
        </button>
        <button type="button" className="button" onClick={() => setOpen('form')}>
          Edit<span className="unseen"> {chef.name}</span>
        </button>
      </div>
      {open === 'form' && (
        <ChefForm title={chef.name} chef={chef} all={all} onSaved={onChanged} onClose={() => setOpen(null)} />
      )}
      {open === 'hours' && <ChefHours chef={chef} onSaved={onChanged} onClose={() => setOpen(null)} />}
    </li>
  )
}

function sizeOf({ largest }: ChefRow, all: All): string {
  return {
    small: `parties up to ${all.small_up_to}`,
    medium: `parties up to ${all.medium_up_to}`,
    large: 'parties of any size',
  }[largest]
}

interface FormFrame {
  title: string
  chef: ChefRow | null
  all: All
  onSaved(chef: ChefRow): void
  onClose(): void
}

function ChefForm({ title, chef, all, onSaved, onClose }: FormFrame) {
  const { post, patch } = useApi()
  const saving = useSaving()
  const [id] = useState(newId)
  const box = useRef<HTMLDivElement>(null)
  const close = () => box.current?.closest('dialog')?.close()
  const send = async (data: FormData) => {
    const rating = String(data.get('rating') ?? '')
    const values = {
      name: String(data.get('name')).trim(),
      station: String(data.get('station')),
      largest: String(data.get('largest')),
      rating: rating ? Number(rating) : null,
    }
    const saved = await saving.run(() =>
      chef
        ? patch<ChefRow>(`chefs/${chef.id}`, { ...values, active: data.get('active') === 'on' })
        : post<ChefRow>('chefs', { id, ...values }),
    )
    if (!saved) return
    onSaved(saved)
    close()
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <div ref={box}>
        <Form onSend={data => void send(data)}>
          <Field label="Name" hint="Customers read the first name.">
            <input name="name" defaultValue={chef?.name} maxLength={120} autoComplete="off" required />
          </Field>
          <div className="pair">
            <Field label="Starts from">
              <select name="station" defaultValue={chef?.station}>
                {all.stations.map(one => (
                  <option key={one.key} value={one.key}>
                    {one.name}
                  </option>
                ))}
              </select>
            </Field>
            <Field label="Takes parties">
              <select name="largest" defaultValue={chef?.largest ?? 'large'}>
                <option value="small">up to {all.small_up_to} guests</option>
                <option value="medium">up to {all.medium_up_to} guests</option>
                <option value="large">of any size</option>
              </select>
            </Field>
          </div>
          <Field label="Rating" hint="0 to 5, empty where there is none yet.">
            <input name="rating" type="number" min={0} max={5} step={0.01} defaultValue={chef?.rating} />
          </Field>
          {chef && (
            <label className="check">
              <input type="checkbox" name="active" defaultChecked={chef.active} /> Cooks for us now
            </label>
          )}
          {chef?.feed && (
            <>
              <Copyable label="Calendar for their phone" text={chef.feed} />
              <p className="hint-line">Whoever has this address sees their parties. Pass it on to nobody else.</p>
            </>
          )}
          <SaveBar at={saving.at}>
            <button type="button" className="button quiet" onClick={close}>
              Cancel
            </button>
          </SaveBar>
        </Form>
      </div>
    </Dialog>
  )
}
