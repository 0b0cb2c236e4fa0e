import { useState } from 'react'
import { Dialog } from '../Dialog'
import { Block, Copyable, Field, Form, SaveBar } from './frame'
import { useSaving } from './loading'
import { useApi } from './session'
import { embedding, type Site, type SnippetOptions } from './site'

/** What of a site stands elsewhere: the line on its pages, the secret on its server. */
export function OnPages({ site }: { site: Site }) {
  return (
    <>
      <Embedding site={site} />
      <Secret site={site} />
    </>
  )
}

function Embedding({ site }: { site: Site }) {
  const [options, setOptions] = useState<SnippetOptions>({ silent: false, locale: '' })
  const set = (change: Partial<SnippetOptions>) => setOptions({ ...options, ...change })
  return (
    <Block title="On your pages" words="One line before </body>. What you choose here stands in it, and only there.">
      <Field label="Language" hint="Else the page’s, then the browser’s.">
        <select value={options.locale} onChange={e => set({ locale: e.target.value as SnippetOptions['locale'] })}>
          <option value="">As the page</option>
          <option value="en">English</option>
          <option value="es">Español</option>
        </select>
      </Field>
      <label className="check">
        <input type="checkbox" checked={options.silent} onChange={e => set({ silent: e.target.checked })} />
        No greeting above the button
      </label>
      <Copyable label="Line for your pages" text={embedding(site.snippet, options)} />
    </Block>
  )
}

function Secret({ site }: { site: Site }) {
  const { patch } = useApi()
  const saving = useSaving()
  const [asking, setAsking] = useState(false)
  const [secret, setSecret] = useState<string | null>(null)
  const rotate = async () => {
    const answer = await saving.run(() => patch<Site>(`sites/${site.key}`, { new_secret: true }))
    if (answer?.identity_secret) setSecret(answer.identity_secret)
  }
  const close = () => {
    setAsking(false)
    setSecret(null)
    saving.touched()
  }
  return (
    <Block
      title="Identity secret"
      words="Your server signs with it who a visitor is. Without it, visitors are anonymous, and the chat works as well."
    >
      <div className="save-bar">
        <button type="button" className="button" onClick={() => setAsking(true)}>
          Make a new secret…
        </button>
      </div>
      {asking && (
        <Dialog title={secret ? 'The new secret' : 'Make a new secret?'} onClose={close}>
          {secret ? (
            <>
              <p className="soft">It is shown once, here and now. Put it where your server signs.</p>
              <div className="copies">
                <Copyable label={`Identity secret of ${site.name}`} text={secret} />
              </div>
              <form method="dialog" className="actions">
                <button type="submit" className="button primary">
                  I have kept it
                </button>
              </form>
            </>
          ) : (
            <>
              <p className="soft">
                What your server signed with the present one is refused from then on: visitors are anonymous until it
                signs with the new one. Their talks stay.
              </p>
              <Form onSend={() => void rotate()}>
                <SaveBar at={saving.at} label="Make a new secret">
                  <button type="button" className="button quiet" onClick={close}>
                    Cancel
                  </button>
                </SaveBar>
              </Form>
            </>
          )}
        </Dialog>
      )}
    </Block>
  )
}
