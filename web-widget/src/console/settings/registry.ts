/**
 * The pages of the settings. To add one: write `settings/Webhooks.tsx` whose default export draws a `<Page>` (frame.tsx), and give it
 * a line here. That line makes its address (`#/settings/webhooks`), its place in the navigation and in the command bar, its keys and its
 * chunk. The page gets `item`, what stands behind its name in the address (`#/settings/webhooks/42`). It reads with `useLoaded` and
 * writes with `useSaving` (loading.ts) over `useApi` (session.ts); `roles` hides a page from whom the server would refuse it.
 */
import type { ComponentType } from 'react'
import {
  Armed,
  AuditIcon,
  BusinessIcon,
  ChefIcon,
  ConsentIcon,
  CostsIcon,
  DraftIcon,
  FailedIcon,
  HookIcon,
  JobsIcon,
  MailIcon,
  ModelIcon,
  Person,
  ShadowIcon,
  type Shapes,
  SiteIcon,
  StaffIcon,
  TakeOver,
  TextingIcon,
  TextsIcon,
  TokenIcon,
} from '../../design/icons'

export interface PageProps {
  item: string | null
}

type Role = 'owner' | 'admin' | 'agent'
const ALL: readonly Role[] = ['owner', 'admin', 'agent']
export const CHIEFS: readonly Role[] = ['owner', 'admin']
/** In this order in the navigation. */
export const GROUPS = ['You', 'Business', 'Models', 'Connections', 'Trail'] as const

export interface SettingsPage {
  id: string
  title: string
  group: (typeof GROUPS)[number]
  icon: Shapes
  roles: readonly Role[]
  /** What is chosen on it stays chosen while one or another item of it is looked at. */
  keeps?: true
  load(): Promise<{ default: ComponentType<PageProps> }>
}

// biome-ignore format: a line for each page
export const PAGES: readonly SettingsPage[] = [
  { id: 'account', title: 'Your account', group: 'You', icon: Person, roles: ALL, load: () => import('./Account') },
  { id: 'notifications', title: 'Notifications', group: 'You', icon: Armed, roles: ALL, load: () => import('./Notifications') },
  { id: 'turns', title: 'Taking turns', group: 'You', icon: TakeOver, roles: ALL, load: () => import('./Rotation') },
  { id: 'business', title: 'Business', group: 'Business', icon: BusinessIcon, roles: CHIEFS, load: () => import('./business/Business') },
  { id: 'staff', title: 'Staff and roles', group: 'Business', icon: StaffIcon, roles: CHIEFS, load: () => import('./Staff') },
  { id: 'chefs', title: 'Chefs', group: 'Business', icon: ChefIcon, roles: CHIEFS, load: () => import('../calendar/Chefs') },
  { id: 'sites', title: 'Sites', group: 'Business', icon: SiteIcon, roles: CHIEFS, load: () => import('./Sites') },
  { id: 'models', title: 'Models', group: 'Models', icon: ModelIcon, roles: CHIEFS, load: () => import('./models/Models') },
  { id: 'costs', title: 'Costs', group: 'Models', icon: CostsIcon, roles: CHIEFS, load: () => import('./costs/Costs') },
  { id: 'shadows', title: 'Shadows', group: 'Models', icon: ShadowIcon, roles: CHIEFS, keeps: true, load: () => import('./shadows/Shadows') },
  { id: 'emails', title: 'E-mails', group: 'Connections', icon: MailIcon, roles: CHIEFS, load: () => import('./emails/Emails') },
  { id: 'email-texts', title: 'E-mail texts', group: 'Connections', icon: DraftIcon, roles: CHIEFS, load: () => import('./emails/Texts') },
  { id: 'texts', title: 'Texts', group: 'Connections', icon: TextsIcon, roles: ALL, load: () => import('./texts/Texts') },
  { id: 'texting', title: 'Texting', group: 'Connections', icon: TextingIcon, roles: CHIEFS, load: () => import('./texting/Texting') },
  { id: 'consent', title: 'Consent', group: 'Connections', icon: ConsentIcon, roles: CHIEFS, load: () => import('./consent/Consent') },
  { id: 'webhooks', title: 'Webhooks', group: 'Connections', icon: HookIcon, roles: CHIEFS, load: () => import('./Webhooks') },
  { id: 'tokens', title: 'API tokens', group: 'Connections', icon: TokenIcon, roles: CHIEFS, load: () => import('./Tokens') },
  { id: 'audit', title: 'Audit', group: 'Trail', icon: AuditIcon, roles: CHIEFS, load: () => import('./Audit') },
  { id: 'jobs', title: 'Jobs', group: 'Trail', icon: JobsIcon, roles: CHIEFS, load: () => import('./Jobs') },
  { id: 'dead-letters', title: 'Dead letters', group: 'Trail', icon: FailedIcon, roles: CHIEFS, load: () => import('./DeadLetters') },
]

/** Those that somebody of this role may open, as the navigation shows them. */
export function pagesFor(role: string | undefined, pages = PAGES): readonly SettingsPage[] {
  const mine = pages.filter(page => page.roles.some(r => r === role))
  return GROUPS.flatMap(group => mine.filter(page => page.group === group))
}

/** The page after or before this one; the first where none is open. It stays at the ends. */
export function nextPage(role: string | undefined, id: string | null, by: 1 | -1, pages = PAGES): string | null {
  const mine = pagesFor(role, pages)
  const at = Math.max(
    0,
    mine.findIndex(page => page.id === id),
  )
  return mine[Math.min(Math.max(at + by, 0), mine.length - 1)]?.id ?? null
}
