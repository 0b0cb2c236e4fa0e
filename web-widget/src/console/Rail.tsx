import {
  Armed,
  BookingIcon,
  CampaignIcon,
  ComplaintIcon,
  InboxIcon,
  KnowledgeIcon,
  LeadIcon,
  LiveIcon,
  More,
  PaymentIcon,
  SettingsIcon,
  type Shapes,
  SignOut,
  TakeOver,
  Unarmed,
} from '../design/icons'
import { AskPlace } from './assistant/AskPlace'
import type { Bell } from './bell'
import { useDesk } from './hooks'
import { Icon } from './Icon'
import type { View } from './route'

interface Props {
  view: View
  waiting: number
  onGo(view: View): void
  alerts: number
  onAsk(): void
  bell: Bell
  onLeave(): void
}

/** The places of the console: a rail on a desk, a bar under the thumb on a phone. */
export function Rail({ view, waiting, onGo, alerts, onAsk, bell, onLeave }: Props) {
  const open = useDesk(d => Object.values(d.handoffs).filter(h => h.state === 'open').length)
  const name = useDesk(d => d.me.name)
  return (
    <nav className="rail" aria-label="Console">
      <Place icon={InboxIcon} label="Inbox" count={waiting} current={view === 'inbox'} onClick={() => onGo('inbox')} />
      <Place icon={LiveIcon} label="Live" count={0} current={view === 'live'} onClick={() => onGo('live')} />
      <Place
        icon={TakeOver}
        label="Handoffs"
        count={open}
        current={view === 'handoffs'}
        onClick={() => onGo('handoffs')}
      />
      <Place
        icon={BookingIcon}
        label="Calendar"
        count={0}
        current={view === 'calendar'}
        onClick={() => onGo('calendar')}
      />
      <Place
        icon={LeadIcon}
        label="Leads"
        count={0}
        current={view === 'leads'}
        onClick={() => onGo('leads')}
        className="wide-only"
      />
      <Place
        icon={ComplaintIcon}
        label="Complaints"
        count={0}
        current={view === 'complaints'}
        onClick={() => onGo('complaints')}
        className="wide-only"
      />
      <Place
        icon={PaymentIcon}
        label="Payments"
        count={0}
        current={view === 'payments'}
        onClick={() => onGo('payments')}
        className="wide-only"
      />
      <Place
        icon={KnowledgeIcon}
        label="Knowledge"
        count={0}
        current={view === 'knowledge'}
        onClick={() => onGo('knowledge')}
        className="wide-only"
      />
      <Place
        icon={CampaignIcon}
        label="Campaigns"
        count={0}
        current={view === 'campaigns'}
        onClick={() => onGo('campaigns')}
        className="wide-only"
      />
      <AskPlace waiting={alerts} onAsk={onAsk} />
      {/* Two names for one place: on a phone it also holds what has no room in the bar. */}
      <Place
        icon={SettingsIcon}
        label="Settings"
        count={0}
        current={view === 'settings'}
        onClick={() => onGo('settings')}
        className="wide-only"
      />
      <Place
        icon={More}
        label="More"
        count={0}
        current={view === 'settings'}
        onClick={() => onGo('settings')}
        className="phone-only"
      />
      <button
        type="button"
        className="place sound wide-only"
        aria-pressed={bell.armed}
        title="A sound when a person is asked for, until somebody is there"
        onClick={bell.toggle}
      >
        <Icon of={bell.armed ? Armed : Unarmed} size={20} />
        <span>Sound</span>
      </button>
      <button type="button" className="place leave wide-only" onClick={onLeave} title={`Signed in as ${name}`}>
        <Icon of={SignOut} size={20} />
        <span>Sign out</span>
      </button>
    </nav>
  )
}

interface PlaceProps {
  icon: Shapes
  label: string
  count: number
  current: boolean
  className?: string
  onClick(): void
}

function Place({ icon, label, count, current, className = '', onClick }: PlaceProps) {
  return (
    <button
      type="button"
      className={`place ${className}`}
      aria-current={current ? 'page' : undefined}
      onClick={onClick}
    >
      <Icon of={icon} size={20} />
      <span>{label}</span>
      {count > 0 && (
        <span className="count">
          {count}
          <span className="unseen"> waiting</span>
        </span>
      )}
    </button>
  )
}
