/**
 * What a text message holds, as `business/channels/segments.py` counts it: segments of 160 characters of the GSM alphabet, or of 70 of
 * any other; of a longer text each has 153, or 67, since a part says where it belongs. Pure.
 */

// GSM 03.38, and what costs two places of it.
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
const DOUBLE = new Set('\f^{}\\[~]|€')
const SIZES = { gsm7: { single: 160, part: 153 }, ucs2: { single: 70, part: 67 } } as const
// Signs that another of the alphabet says as well, each followed by what stands for it.
const SIGNS = new Map<string, string>()
const say = (marks: string, as: string) => {
  for (const mark of marks) SIGNS.set(mark, as)
}
say('“”„‟«»″', '"')
say('‘’‚‛‹›`´′', "'")
say('‐‑‒–—―−•·‣◦', '-')
say('\t', ' ')
say('\v\f\u2028', '\n')
say('\u2029', '\n\n')
say('\u200b\u2060\ufeff\u00ad\u200e\u200f', '')
const WORDS = {
  '…': '...',
  '×': 'x',
  '→': '->',
  '←': '<-',
  '½': '1/2',
  '¼': '1/4',
  '¾': '3/4',
  '™': '(TM)',
  '®': '(R)',
}
for (const [mark, as] of Object.entries({ ...WORDS, '©': '(C)', º: 'o', ª: 'a' })) SIGNS.set(mark, as)

/** Segments of what is said in a conversation; what is longer goes out in so many, with a link to the whole of it (`going.py`). */
export const GOES_WHOLE = 6
export const SHORTENED = 2

export type Encoding = keyof typeof SIZES

export interface Measure {
  encoding: Encoding
  segments: number
  /** Places taken, and those that are left before it takes another segment. */
  units: number
  left: number
}

export function measure(text: string): Measure {
  const encoding: Encoding = costly(text).length > 0 ? 'ucs2' : 'gsm7'
  const widths = [...text].map(mark => widthOf(mark, encoding))
  const units = widths.reduce((sum, width) => sum + width, 0)
  const { single, part } = SIZES[encoding]
  if (units <= single) return { encoding, segments: 1, units, left: single - units }
  const { segments, last } = packed(widths, part)
  return { encoding, segments, units, left: part - last }
}

/** The characters, each once, for which every segment of the text has 70 characters and not 160. */
export function costly(text: string): string[] {
  return [...new Set(text)].filter(mark => !BASIC.has(mark) && !DOUBLE.has(mark))
}

/** As it goes out: the alphabet's own signs for quotes, dashes and spaces; letters that it lacks without their accents, but only where
    that saves a segment. */
export function plain(text: string): string {
  const bare = text
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(/(\d)(?=[½¼¾])/g, '$1 ')
  const signs = [...bare].map(mark => SIGNS.get(mark) ?? mark).join('')
  const kept = signs.replace(/\p{Zs}/gu, ' ').replace(/(?!\n)\p{Cc}/gu, '')
  const spelled = [...kept].map(letterOf).join('')
  return measure(spelled).segments < measure(kept).segments ? spelled : kept
}

/** Without whatever makes it dear: letters lose their accents, signs that the alphabet has no letter for go away. */
export function cheapest(text: string): string {
  const letters = [...plain(text)].map(letterOf).filter(mark => BASIC.has(mark) || DOUBLE.has(mark))
  return letters
    .join('')
    .replace(/ {2,}/g, ' ')
    .replace(/ +(?=\n|$)/g, '')
}

function letterOf(mark: string): string {
  if (BASIC.has(mark) || DOUBLE.has(mark)) return mark
  const letter = mark.normalize('NFD').charAt(0)
  return BASIC.has(letter) ? letter : mark
}

function widthOf(mark: string, encoding: Encoding): number {
  if (encoding === 'ucs2') return mark.length
  return DOUBLE.has(mark) ? 2 : 1
}

/** How many parts these fill, none of them cut, and how full the last one is. */
function packed(widths: readonly number[], part: number): { segments: number; last: number } {
  let segments = 1
  let last = 0
  for (const width of widths) {
    if (last + width > part) {
      segments += 1
      last = 0
    }
    last += width
  }
  return { segments, last }
}
