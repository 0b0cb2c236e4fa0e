/** Ids that a client gives. */

/** A random UUID. Where `crypto` gives none (plain http, as on one's own network), the address of an empty object ends with one. */
export function newId(): string {
  return crypto.randomUUID?.() ?? URL.createObjectURL(new Blob()).slice(-36)
}
