/** The texts of e-mails: which kinds there are, in which languages, and which of them were changed here. */
import { useCallback } from 'react'
import { Here, Page } from '../frame'
import { useLoaded } from '../loading'
import type { PageProps } from '../registry'
import { useApi } from '../session'
import { Editor } from './Editor'
import './emails.css'
import { LANGUAGES, type TextRow } from './emails'

export default function Texts({ item }: PageProps) {
  if (item) return <Editor key={item} item={item} />
  return <List />
}

function List() {
  const { get } = useApi()
  const load = useCallback(() => get<{ items: TextRow[] }>('email-templates').then(answer => answer.items), [get])
  const texts = useLoaded(load)
  return (
    <Page
      title="E-mail texts"
      words="What each e-mail says, in each language. Change the words as you like; figures come from the booking and the business."
    >
      <Here of={texts}>
        {all => (
          <ul className="mails">
            {all.map(one => (
              <li key={one.kind} className="text-row">
                <span className="mail-what">
                  <strong>{one.title}</strong>
                  <span className="soft small">
                    {one.staff ? 'To staff' : one.marketing ? 'To customers, with a way out' : 'To customers'}
                  </span>
                </span>
                <span className="text-languages">
                  {one.languages.map(({ locale, version }) => (
                    <a key={locale} className="chip-button" href={`#/settings/email-texts/${one.kind}-${locale}`}>
                      {LANGUAGES[locale] ?? locale}
                      <span className="unseen"> of {one.title}</span>
                      {version > 0 && <span className="soft"> changed</span>}
                    </a>
                  ))}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Here>
    </Page>
  )
}
