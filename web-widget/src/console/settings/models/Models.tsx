/** How the models fare, and how they answer: read every few seconds, changed by a policy that counts at once, everywhere. */
import { useCallback, useEffect, useState } from 'react'
import { Copyable, Here, LookAgain, Page } from '../frame'
import { type Resource, useLoaded, useLooking } from '../loading'
import '../business/business.css'
import '../jobs.css'
import { useApi } from '../session'
import type { Health } from './health'
import { ModelCard } from './ModelCard'
import './models.css'
import { PolicyEditor } from './PolicyEditor'
import { type Ensemble, names } from './policy'

const LOOK_EVERY_MS = 10_000
const LINES = `[[models]]
name = "teacher"
litellm = "openai/gpt-4o"
api_key_env = "OPENAI_API_KEY"

[ensemble]
answer = ["teacher", "house"]`

export default function Models() {
  const { get } = useApi()
  const ensemble = useLoaded(useCallback(() => get<Ensemble>('ensemble'), [get]))
  const health = useLoaded(useCallback(() => get<Health>('models/health'), [get]))
  const { again } = health
  useLooking(again, LOOK_EVERY_MS)
  return (
    <Page
      title="Models"
      words="Who answers, in which way, and how each of them fares. What you save counts from the next answer on."
      action={<LookAgain onLook={again} />}
    >
      <Here of={health}>{found => <Cards health={found} ensemble={ensemble.value} />}</Here>
      <Here of={ensemble}>
        {found =>
          found.models.length > 1 ? <Live of={ensemble} found={found} health={health.value} /> : <HouseAlone />
        }
      </Here>
    </Page>
  )
}

function Cards({ health, ensemble }: { health: Health; ensemble: Ensemble | null }) {
  return (
    <ul className="model-cards" aria-label="Models">
      {health.models.map(one => (
        <ModelCard
          key={one.model}
          vitals={one}
          at={health.at}
          offered={ensemble?.models.find(model => model.name === one.model)}
          asked={ensemble === null || names(ensemble.policy, one.model)}
        />
      ))}
    </ul>
  )
}

interface LiveProps {
  of: Resource<Ensemble>
  found: Ensemble
  health: Health | null
}

/** Another policy by somebody else is seen by its number, which comes with every look at the models' health. */
function Live({ of, found, health }: LiveProps) {
  const { get } = useApi()
  const { change } = of
  const [news, setNews] = useState<string | null>(null)
  useEffect(() => {
    if (health === null || health.number <= found.number) return
    get<Ensemble>('ensemble').then(
      next => {
        change(() => next)
        setNews(`${next.versions[0]?.by ?? 'Somebody'} changed how models answer: version ${next.number} counts now.`)
      },
      () => undefined, // the next look at health tries again
    )
  }, [health, found.number, get, change])
  return (
    <>
      <p role="status" className={news ? 'notice' : 'unseen'}>
        {news}
      </p>
      <PolicyEditor
        ensemble={found}
        onSaved={next => {
          setNews(null)
          of.change(() => next)
        }}
      />
    </>
  )
}

function HouseAlone() {
  return (
    <div className="blank">
      <p>
        No language model is configured, and none is needed: the house answers everything by itself, with no key and no
        network. A model words the same facts more freely. To add one, put these lines into <code>hibachi.toml</code>,
        set the variable that holds its key, and start again:
      </p>
      <Copyable label="Lines for hibachi.toml" text={LINES} />
    </div>
  )
}
