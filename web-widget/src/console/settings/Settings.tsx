/** The settings: their pages to the left, the chosen one beside them; on a phone first the list, then the page. */
import { type LazyExoticComponent, lazy, Suspense } from 'react'
import {
  Armed,
  CampaignIcon,
  ComplaintIcon,
  KnowledgeIcon,
  LeadIcon,
  Onward,
  PaymentIcon,
  SignOut,
  Unarmed,
} from '../../design/icons'
import type { Bell } from '../bell'
import { useDesk } from '../hooks'
import { Icon } from '../Icon'
import { Skeletons } from './frame'
import { GROUPS, PAGES, type PageProps, pagesFor, type SettingsPage } from './registry'
import './settings.css'
import { Unloaded } from './Unloaded'

const DRAWN: Readonly<Record<string, LazyExoticComponent<React.ComponentType<PageProps>>>> = Object.fromEntries(
  PAGES.map(page => [page.id, lazy(page.load)]),
)

interface Props {
  page: string | null
  item: string | null
  bell: Bell
  onLeave(): void
}

export default function Settings({ page, item, bell, onLeave }: Props) {
  const role = useDesk(d => d.me.role)
  const pages = pagesFor(role)
  // With room for both, the list never stands alone.
  const shown = page ?? pages[0]?.id
  const Title = page ? 'h2' : 'h1'
  const Drawn = pages.some(p => p.id === shown) && shown ? DRAWN[shown] : undefined
  const keeps = PAGES.some(p => p.id === shown && p.keeps)
  return (
    <section className={`settings ${page ? 'on-page' : ''}`} aria-label="Settings">
      <div className="settings-side">
        <Title className="settings-title">Settings</Title>
        <nav aria-label="Settings">
          {GROUPS.map(group => (
            <Group
              key={group}
              title={group}
              as={page ? 'h3' : 'h2'}
              pages={pages.filter(p => p.group === group)}
              current={shown}
            />
          ))}
        </nav>
        <div className="phone-only settings-more">
          <a className="settings-link" href="#/leads">
            <Icon of={LeadIcon} /> Leads
            <span className="onward">
              <Icon of={Onward} size={16} />
            </span>
          </a>
          <a className="settings-link" href="#/complaints">
            <Icon of={ComplaintIcon} /> Complaints
            <span className="onward">
              <Icon of={Onward} size={16} />
            </span>
          </a>
          <a className="settings-link" href="#/payments">
            <Icon of={PaymentIcon} /> Payments
            <span className="onward">
              <Icon of={Onward} size={16} />
            </span>
          </a>
          <a className="settings-link" href="#/knowledge">
            <Icon of={KnowledgeIcon} /> Knowledge
            <span className="onward">
              <Icon of={Onward} size={16} />
            </span>
          </a>
          <a className="settings-link" href="#/campaigns">
            <Icon of={CampaignIcon} /> Campaigns
            <span className="onward">
              <Icon of={Onward} size={16} />
            </span>
          </a>
          <button type="button" className="settings-link" aria-pressed={bell.armed} onClick={bell.toggle}>
            <Icon of={bell.armed ? Armed : Unarmed} /> Sound when a person is asked for
            <span className="chip">{bell.armed ? 'on' : 'off'}</span>
          </button>
          <button type="button" className="settings-link" onClick={onLeave}>
            <Icon of={SignOut} /> Sign out
          </button>
        </div>
      </div>
      <div className="settings-page" key={keeps ? shown : `${shown}/${item ?? ''}`}>
        <div className="settings-measure">
          <Unloaded>
            <Suspense fallback={<Skeletons />}>{Drawn ? <Drawn item={item} /> : <Elsewhere known={page} />}</Suspense>
          </Unloaded>
        </div>
      </div>
    </section>
  )
}

interface GroupProps {
  title: string
  as: 'h2' | 'h3'
  pages: readonly SettingsPage[]
  current?: string
}

function Group({ title, as: Title, pages, current }: GroupProps) {
  if (pages.length === 0) return null
  return (
    <>
      <Title className="settings-group">{title}</Title>
      <ul>
        {pages.map(page => (
          <li key={page.id}>
            <a
              className="settings-link"
              href={`#/settings/${page.id}`}
              aria-current={page.id === current ? 'page' : undefined}
            >
              <Icon of={page.icon} /> {page.title}
              <span className="phone-only onward">
                <Icon of={Onward} size={16} />
              </span>
            </a>
          </li>
        ))}
      </ul>
    </>
  )
}

function Elsewhere({ known }: { known: string | null }) {
  const forOthers = PAGES.some(p => p.id === known)
  return (
    <div className="blank" role="alert">
      <h1>{forOthers ? 'This page is for owners and admins' : 'There is no such page'}</h1>
      <p className="soft">
        {forOthers ? 'Ask one of them, or look at ' : 'Look at '}
        <a href="#/settings">your own settings</a>.
      </p>
    </div>
  )
}
