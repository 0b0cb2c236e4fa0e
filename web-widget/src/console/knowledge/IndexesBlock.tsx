/** The indexes: which model serves, and how far the next one is. */
import { useCallback, useState } from 'react'
import { Sure } from '../Sure'
import { Block, Here } from '../settings/frame'
import { useLoaded, useLooking, useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import type { Index, Indexes } from './knowledge'

const SOON_MS = 2000
const STATE: Record<Index['state'], string> = { serving: 'Serves', building: 'Being built', failed: 'Given up' }

export function IndexesBlock({ chief }: { chief: boolean }) {
  const { get } = useApi()
  const load = useCallback(() => get<Indexes>('corpus/indexes'), [get])
  const all = useLoaded(load)
  const [asks, setAsks] = useState(false)
  const { again } = all
  const builds = all.value?.items.some(one => one.state === 'building') ?? false
  useLooking(again, builds ? SOON_MS : null)
  return (
    <Block
      title="How it is searched"
      words="Each piece has a vector of its meaning. Another model's are made while the old ones serve."
    >
      <Here
        of={all}
        empty={{ when: value => value.items.length === 0, words: 'The first document that is read makes one.' }}
      >
        {value => (
          <>
            {value.trouble && <p className="notice">Only words are searched just now: {value.trouble}.</p>}
            <ul className="indexes">
              {value.items.map(index => (
                <li key={index.id}>
                  <p>
                    <strong>{index.model}</strong>{' '}
                    <span className={`chip ${index.state === 'serving' ? 'person' : ''}`}>{STATE[index.state]}</span>{' '}
                    <span className="soft small">
                      {index.embedded} of {index.pieces} pieces, {index.dimensions} numbers each
                      {index.approximate && ', found by an approximate index'}
                    </span>
                  </p>
                  {index.state === 'building' && (
                    <progress
                      value={index.embedded}
                      max={Math.max(1, index.pieces)}
                      aria-label={`${index.model}: pieces done`}
                    />
                  )}
                  {index.error && <p className="fault">{index.error}</p>}
                </li>
              ))}
            </ul>
          </>
        )}
      </Here>
      {chief && all.value && all.value.items.length > 0 && (
        <div className="save-bar">
          <button type="button" className="button" onClick={() => setAsks(true)}>
            Make all vectors anew
          </button>
        </div>
      )}
      {asks && all.value && (
        <Anew
          model={all.value.model}
          onDone={now => {
            all.change(() => now)
            setAsks(false)
          }}
          onClose={() => setAsks(false)}
        />
      )}
    </Block>
  )
}

function Anew({ model, onDone, onClose }: { model: string; onDone(now: Indexes): void; onClose(): void }) {
  const { post } = useApi()
  const saving = useSaving()
  const send = async () => {
    const now = await saving.run(() => post<Indexes>('corpus/indexes', {}))
    if (now) onDone(now)
  }
  return (
    <Sure
      title="Make all vectors anew?"
      deed="Make them anew"
      at={saving.at}
      onSure={() => void send()}
      onClose={onClose}
    >
      <p className="soft">
        Every piece is embedded again by {model}. Customers are answered from the old vectors until all of the new ones
        are there. A provider's model costs money for each piece.
      </p>
    </Sure>
  )
}
