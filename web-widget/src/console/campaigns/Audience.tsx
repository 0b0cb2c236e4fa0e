/** To whom a campaign goes: a saved segment, or a filter of its own; counted at once. */
import { useState } from 'react'
import { Block, Field } from '../settings/frame'
import { LiveCount } from './Counts'
import type { OnDraft } from './Editor'
import { FilterEditor } from './FilterEditor'
import { inWords, read, write } from './filters'
import { useSegments } from './Segments'

export function Audience({ draft, edit }: OnDraft) {
  const segments = useSegments()
  const [rows, setRows] = useState(() => read(draft.filter))
  const saved = segments.value?.find(one => one.id === draft.segment)
  return (
    <Block title="To whom" words="Only those who agreed to marketing by text; whoever said stop is never among them.">
      <Field label="Segment" hint={saved ? inWords(saved.audience.filter) : 'A filter of this campaign alone.'}>
        <select value={draft.segment} onChange={event => edit({ segment: event.target.value })}>
          <option value="">A filter of its own</option>
          {(segments.value ?? []).map(one => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      </Field>
      {!draft.segment && (
        <FilterEditor
          rows={rows}
          onChange={changed => {
            setRows(changed)
            edit({ filter: write(changed) })
          }}
        />
      )}
      <LiveCount filter={saved ? saved.audience.filter : draft.filter} />
    </Block>
  )
}
