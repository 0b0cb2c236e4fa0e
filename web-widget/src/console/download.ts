/** Files that the server makes, saved by the browser. */
import { ApiError } from './api'

/** What a POST below `/api/admin/` answers with, as a file; `usual` names it where the answer does not. Raises ApiError. */
export async function saveAnswer(path: string, body: object, csrf: string, usual: string): Promise<void> {
  const response = await fetch(`/api/admin/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrf-token': csrf },
    credentials: 'same-origin',
    body: JSON.stringify(body),
  })
  if (!response.ok) {
    const refused = (await response.json().catch(() => null)) as { error?: { message?: string } } | null
    throw new ApiError(response.status, refused?.error?.message ?? '', null)
  }
  const name = /filename="([\w.-]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1]
  const address = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = address
  link.download = name ?? usual
  link.click()
  // The browser has begun to save it; a moment later nobody needs the address.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
