import { useCallback, useRef, useState } from 'react'
import { AddIcon, Onward } from '../../design/icons'
import { Dialog } from '../Dialog'
import { Icon } from '../Icon'
import { Copyable, Field, Form, Here, Page, SaveBar } from './frame'
import { useLoaded, useSaving } from './loading'
import type { PageProps } from './registry'
import { SiteEditor } from './SiteEditor'
import './sites.css'
import { useApi } from './session'
import { COLOURS, keyOf, originsOf, type Site, swatch } from './site'

/** Where the chat is embedded: the list, or one of them. */
export default function Sites({ item }: PageProps) {
  const { get } = useApi()
  const load = useCallback(() => get<{ items: Site[] }>('sites').then(answer => answer.items), [get])
  const sites = useLoaded(load)
  if (item === null) return <List sites={sites} />
  const back = { href: '#/settings/sites', label: 'Sites' }
  const changed = (site: Site) => sites.change(all => all.map(one => (one.key === site.key ? site : one)))
  return (
    <Here of={sites}>
      {all => {
        const site = all.find(one => one.key === item)
        if (site) return <SiteEditor key={site.key} site={site} back={back} onChanged={changed} />
        return (
          <Page title="There is no such site" words={`No site here has the key ${item}.`} back={back}>
            {null}
          </Page>
        )
      }}
    </Here>
  )
}

function List({ sites }: { sites: ReturnType<typeof useLoaded<Site[]>> }) {
  const [adding, setAdding] = useState(false)
  const [made, setMade] = useState<Site | null>(null)
  return (
    <Page
      title="Sites"
      words="The pages that the chat stands on. Each has its look, and the origins that may open it."
      action={
        <button type="button" className="button primary" onClick={() => setAdding(true)}>
          <Icon of={AddIcon} size={16} /> Add a site
        </button>
      }
    >
      <Here
        of={sites}
        empty={{
          when: all => all.length === 0,
          words: 'Add a site to get the line of HTML that puts the chat on your pages.',
        }}
      >
        {all => (
          <ul className="sites">
            {all.map(site => (
              <li key={site.key}>
                <a className="site-row" href={`#/settings/sites/${site.key}`}>
                  <span className="site-dots" aria-hidden="true">
                    {COLOURS.map(([property]) => (
                      <Dot key={property} colour={swatch(site.theme[property], property)} />
                    ))}
                  </span>
                  <span className="site-what">
                    <strong>{site.name}</strong>
                    <span className="soft small">{opened(site)}</span>
                  </span>
                  <span className="chip">{site.key}</span>
                  <Icon of={Onward} size={16} />
                </a>
              </li>
            ))}
          </ul>
        )}
      </Here>
      {adding && (
        <AddSite
          onClose={() => setAdding(false)}
          onMade={site => {
            setMade(site)
            sites.again()
          }}
        />
      )}
      {made && (
        <Dialog
          title={`${made.name} is there`}
          onClose={() => {
            location.hash = `#/settings/sites/${made.key}`
          }}
        >
          <p className="soft">
            The secret signs who your visitors are. It is shown once, here and now; the site works without it.
          </p>
          <div className="copies">
            <Copyable label="Line for your pages" text={made.snippet} />
            <Copyable label="Identity secret" text={made.identity_secret ?? ''} />
          </div>
          <form method="dialog" className="actions">
            <button type="submit" className="button primary">
              Go on to its look
            </button>
          </form>
        </Dialog>
      )}
    </Page>
  )
}

function opened(site: Site): string {
  const where = [...site.origins, ...(site.allow_own_origin ? ['this install’s own pages'] : [])]
  return where.join(', ') || 'No page may open it'
}

/** The style attribute is forbidden here; a property set by a script is not. */
function Dot({ colour }: { colour: string }) {
  return <span className="dot" ref={el => el?.style.setProperty('background', colour)} />
}

function AddSite({ onClose, onMade }: { onClose(): void; onMade(site: Site): void }) {
  const { post } = useApi()
  const saving = useSaving()
  const [name, setName] = useState('')
  const [key, setKey] = useState<string | null>(null)
  const box = useRef<HTMLDivElement>(null)
  const close = () => box.current?.closest('dialog')?.close()
  const send = async (data: FormData) => {
    const origins = originsOf(String(data.get('origins') ?? ''))
    const site = await saving.run(() => post<Site>('sites', { key: key ?? keyOf(name), name: name.trim(), origins }))
    if (!site) return
    close()
    onMade(site)
  }
  return (
    <Dialog title="Add a site" onClose={onClose}>
      <div ref={box}>
        <Form onSend={data => void send(data)}>
          <Field label="Name" hint="Only staff read it.">
            <input value={name} maxLength={80} required onChange={e => setName(e.target.value)} />
          </Field>
          <Field label="Key" hint="Stands in your pages’ source, and stays. a to z, 0 to 9, hyphens.">
            <input value={key ?? keyOf(name)} maxLength={40} required onChange={e => setKey(e.target.value)} />
          </Field>
          <Field label="Origin" hint="Scheme and host of the pages; more of them, one a line.">
            <textarea name="origins" rows={2} placeholder="https://www.example.com" required />
          </Field>
          <SaveBar at={saving.at} label="Add the site">
            <button type="button" className="button quiet" onClick={close}>
              Cancel
            </button>
          </SaveBar>
        </Form>
      </div>
    </Dialog>
  )
}
