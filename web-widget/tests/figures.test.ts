import { describe, expect, it } from 'vitest'
import { dollars, took } from '../src/console/settings/figures'

describe('figures of models', () => {
  it('tell money as far as it can be seen', () => {
    const told = [undefined, 0, 3_200_000, 1_234_567_890, 10_000, 2_100, 12, 1].map(dollars)
    expect(told).toEqual(['–', '$0.00', '$3.20', '$1,234.57', '$0.01', '$0.0021', '$0.000012', '$0.000001'])
  })

  it('tell times', () => {
    expect([undefined, 7, 999, 1440].map(took)).toEqual(['–', '7 ms', '999 ms', '1.4 s'])
  })
})
