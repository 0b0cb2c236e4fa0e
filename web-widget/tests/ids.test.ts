import { afterEach, describe, expect, it, vi } from 'vitest'
import { newId } from '../src/protocol/ids'

afterEach(() => vi.unstubAllGlobals())

describe('ids', () => {
  it('are random UUIDs also where a page is not served over https', () => {
    const { crypto } = globalThis
    for (const given of [crypto, {}]) {
      vi.stubGlobal('crypto', given)
      const made = Array.from({ length: 200 }, newId)
      for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(new Set(made).size).toBe(200)
    }
  })
})
