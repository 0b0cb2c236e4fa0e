import { describe, expect, it } from 'vitest'
import { itemOf, numberOf, standing, told } from '../src/console/settings/consent/consent'

describe('what counts for a number', () => {
  it('tells each purpose by itself', () => {
    expect(standing({ transactional: true, stopped: false })).toEqual([
      ['Bookings', 'agreed', true],
      ['Marketing', 'never asked', false],
    ])
    expect(standing({ transactional: false, marketing: true, stopped: false }).map(([, how]) => how)).toEqual([
      'ended',
      'agreed',
    ])
  })
  it('is nothing at all once it has stopped', () => {
    expect(standing({ transactional: true, marketing: true, stopped: true })).toEqual([['All texts', 'stopped', false]])
  })
  it('says what an entry did', () => {
    expect(told({ purpose: 'marketing', granted: true })).toBe('Agreed to marketing')
    expect(told({ purpose: 'all', granted: false })).toBe('Ended all texts')
  })
  it('stands in the address without a plus', () => {
    expect(itemOf('+1 (415) 555-7001')).toBe('14155557001')
    expect(numberOf(itemOf('+14155557001'))).toBe('+14155557001')
  })
})
