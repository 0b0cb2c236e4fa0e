/** Files that are dropped on a part of the page, or pasted into it. */
import { type RefObject, useEffect, useState } from 'react'

/** True while files hang over it. The page would else be left for the dropped file. */
export function useDropping(
  inside: RefObject<HTMLElement | null>,
  within: string,
  take: (files: FileList) => void,
): boolean {
  const [over, setOver] = useState(false)
  const latest = useLatest(take)
  useEffect(() => {
    const zone = inside.current?.closest<HTMLElement>(within)
    if (!zone) return
    const given = (e: Event, data: DataTransfer | null) => {
      if (!data?.files.length) return
      e.preventDefault()
      latest.current(data.files)
    }
    const drag = (e: DragEvent) => {
      if (!e.dataTransfer?.types.includes('Files')) return
      e.preventDefault()
      setOver(true)
    }
    const leave = (e: DragEvent) => {
      if (!zone.contains(e.relatedTarget as Node | null)) setOver(false)
    }
    const drop = (e: DragEvent) => {
      setOver(false)
      given(e, e.dataTransfer)
    }
    // Words that come with a picture of themselves (a spreadsheet's cells) are words.
    const paste = (e: ClipboardEvent) => {
      if (!e.clipboardData?.types.includes('text/plain')) given(e, e.clipboardData)
    }
    zone.addEventListener('dragover', drag)
    zone.addEventListener('dragleave', leave)
    zone.addEventListener('drop', drop)
    zone.addEventListener('paste', paste)
    return () => {
      zone.removeEventListener('dragover', drag)
      zone.removeEventListener('dragleave', leave)
      zone.removeEventListener('drop', drop)
      zone.removeEventListener('paste', paste)
    }
  }, [inside, within, latest])
  return over
}

function useLatest<T>(value: T): RefObject<T> {
  const [held] = useState<RefObject<T>>(() => ({ current: value }))
  useEffect(() => {
    held.current = value
  })
  return held
}
