/** To whom a campaign goes: a saved segment, or a filter of its own; counted at once. */
import { useState } from 'react'
import { Block, Field } from '../settings/frame'
import type { Resource } from '../settings/loading'
import { LiveCount } from './Counts'
import type { Count, Segment } from './campaigns'
import type { OnDraft } from './Editor'
import { FilterEditor } from './FilterEditor'
import { inWords, read, write } from './filters'

interface Props extends OnDraft {
  segments: Resource<Segment[]>
  count: Resource<Count>
}

export function Audience({ draft, edit, segments, count }: Props) {
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
      <LiveCount of={count} />
    </Block>
  )
}
