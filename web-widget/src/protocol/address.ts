/**
 * What Socket.IO wants to know of an address: stands in for its own parser where the widget is built. That one also reads
 * what no gateway is called; a browser reads addresses itself.
 */
export function parse(source: string): Record<string, string> {
  const { protocol, hostname, port, pathname, search } = new URL(source)
  return {
    source,
    protocol: protocol.slice(0, -1),
    host: hostname.replace(/^\[|\]$/g, ''),
    port,
    path: pathname,
    query: search.slice(1),
  }
}
