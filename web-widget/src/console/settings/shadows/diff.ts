/** What two texts do not share, word by word: the longest common sequence of words stays, the rest is one side's alone. Pure. */

/** A stretch of one text; `only`: the other text does not have it. Put together they are the text again. */
export interface Stretch {
  text: string
  only: boolean
}

/** Beyond so many comparisons only what both begin and end with is shared: a page must not stand still over two long texts. */
const MOST = 1_000_000

/** Both texts in stretches. Space, capitals and how a sentence ends are no difference. */
export function differences(left: string, right: string): [Stretch[], Stretch[]] {
  const [a, b] = [words(left), words(right)]
  const [inLeft, inRight] = shared(a.map(plain), b.map(plain))
  return [stretches(a, inLeft), stretches(b, inRight)]
}

/** Words with the space behind each; what stands before the first goes with it. */
function words(text: string): string[] {
  return text.match(/^\s*\S+\s*|\S+\s*|^\s+$/g) ?? []
}

/** A comma behind a word is none of the word's, and a capital begins a sentence. */
function plain(word: string): string {
  const bare = word.trim().toLowerCase()
  return bare.replace(/[.,;:!?]+$/, '') || bare
}

/** For each word of either side whether it belongs to what both share, in their order. */
function shared(a: readonly string[], b: readonly string[]): [boolean[], boolean[]] {
  const [inA, inB] = [a.map(() => false), b.map(() => false)]
  const keep = (i: number, j: number) => {
    inA[i] = true
    inB[j] = true
  }
  let start = 0
  for (; start < a.length && start < b.length && a[start] === b[start]; start += 1) keep(start, start)
  let [endA, endB] = [a.length, b.length]
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) keep(--endA, --endB)
  if ((endA - start) * (endB - start) <= MOST)
    middle(a.slice(start, endA), b.slice(start, endB), (i, j) => keep(start + i, start + j))
  return [inA, inB]
}

/** Says which words of both belong together, by a table of how much the two rests have in common. */
function middle(a: readonly string[], b: readonly string[], keep: (i: number, j: number) => void): void {
  const width = b.length + 1
  const common = new Uint16Array((a.length + 1) * width)
  const at = (i: number, j: number) => common[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) keep(i++, j++)
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1
    else j += 1
  }
}

function stretches(all: readonly string[], kept: readonly boolean[]): Stretch[] {
  const found: Stretch[] = []
  all.forEach((text, n) => {
    const only = !kept[n]
    const last = found.at(-1)
    if (last?.only === only) last.text += text
    else found.push({ text, only })
  })
  return found
}
