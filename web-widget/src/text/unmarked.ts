/** Markdown as people write it by hand: what a colleague sends is shown letter by letter, marks and all. Pure. */

/** The words without the marks that plain text has no use for; lines, list dashes and addresses stay. */
export function unmarked(text: string): string {
  return text
    .replace(/!?\[([^\]\n]*)\]\(([^)\s]*)\)/g, (_all, words: string, to: string) =>
      words === to ? to : `${words} (${to.replace(/^(mailto|tel):/, '')})`,
    )
    .replace(/^(\s*)[*+]\s+/gm, '$1- ')
    .replace(/^\s*#{1,6}\s+/gm, '')
    .replace(/\*\*|`+/g, '')
    .replace(/(^|[\s(])[*_](\S(?:[^*_\n]*\S)?)[*_](?=[\s).,;:!?]|$)/gm, '$1$2')
}
