import { useEffect, useRef } from 'react'
import { inWords } from './draft'
import type { Fault } from './profile'
import { label } from './telling'

/** What keeps the profile from being saved, each leading to its field; said when one tries to save. */
export function Faults({ faults, tries }: { faults: readonly Fault[]; tries: number }) {
  const box = useRef<HTMLDivElement>(null)
  const told = useRef(0)
  useEffect(() => {
    if (tries > told.current && faults.length > 0) box.current?.focus()
    told.current = tries
  }, [tries, faults])
  if (faults.length === 0 || tries === 0) return null
  return (
    <div ref={box} className="faults" role="alert" tabIndex={-1}>
      <p>
        <strong>
          {faults.length === 1
            ? 'One thing keeps this from being saved'
            : `${faults.length} things keep this from being saved`}
        </strong>
      </p>
      <ul>
        {faults.map(fault => (
          <li key={`${fault.path} ${fault.what}`}>
            <button type="button" className="link" onClick={() => lead(fault)}>
              {fault.line === undefined ? label(fault.path) || 'The profile' : `Line ${fault.line}`}
            </button>{' '}
            {inWords(fault)}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** To the field, or to the line of the text. */
function lead(fault: Fault): void {
  const text = document.querySelector<HTMLTextAreaElement>('textarea[data-toml]')
  if (text && fault.line !== undefined) {
    const before = text.value
      .split('\n')
      .slice(0, fault.line - 1)
      .join('\n').length
    const begin = fault.line === 1 ? 0 : before + 1
    const end = text.value.indexOf('\n', begin)
    text.focus()
    text.setSelectionRange(begin, end < 0 ? text.value.length : end)
    text.scrollTop = (fault.line - 4) * (text.scrollHeight / text.value.split('\n').length)
    return
  }
  for (let path = fault.path; path; path = path.slice(0, Math.max(0, path.lastIndexOf('.')))) {
    const found = document.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`)
    if (!found) continue
    found.closest('details')?.setAttribute('open', '')
    found.focus()
    found.scrollIntoView({ block: 'center' })
    return
  }
}
