import { parse as theirs } from 'engine.io-client'
import { describe, expect, it } from 'vitest'
import { parse } from '../src/protocol/address'

describe('addresses', () => {
  it.each([
    'https://chat.example.org/chat',
    'http://127.0.0.1:8000/chat',
    'http://localhost:8000/console',
    'https://chat.example.org:8443/chat?a=b&c=d',
    'http://[::1]:8000/chat',
  ])('are read as Socket.IO does: %s', address => {
    const { source, protocol, host, port, path, query } = theirs(address) as unknown as Record<string, string>
    expect(parse(address)).toEqual({ source, protocol, host, port, path, query })
  })
})
