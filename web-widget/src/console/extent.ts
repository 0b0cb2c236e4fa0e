/** How far a long thread reaches, in pixels: its blocks are as high as they were seen, the others as the seen ones are on average. */

export interface Block<T = unknown> {
  /** Grows from block to block; what is read back above has lower numbers. */
  number: number
  lines: readonly T[]
}

/** Before anything was seen. */
const LINE_PX = 64

export class Extent {
  private readonly seen = new Map<number, { height: number; lines: number }>()
  private height = 0
  private lines = 0

  learn(block: Block, height: number): void {
    const before = this.seen.get(block.number)
    this.height += height - (before?.height ?? 0)
    this.lines += block.lines.length - (before?.lines ?? 0)
    this.seen.set(block.number, { height, lines: block.lines.length })
  }

  /** Another width: every line breaks elsewhere. What was learnt is a guess still. */
  forget(): void {
    const line = this.line()
    this.seen.clear()
    this.lines = 1
    this.height = line
  }

  of(block: Block): number {
    const known = this.seen.get(block.number)
    return known?.lines === block.lines.length ? known.height : this.line() * block.lines.length
  }

  sum(blocks: readonly Block[]): number {
    return blocks.reduce((sum, block) => sum + this.of(block), 0)
  }

  /** The places of the blocks that lie between two heights, counted from the first one's top: from, and up to. */
  between(blocks: readonly Block[], top: number, bottom: number): [number, number] {
    let [from, below] = [0, 0]
    let at = 0
    for (const [i, block] of blocks.entries()) {
      if (at <= top) from = i
      if (at < bottom) below = i + 1
      at += this.of(block)
    }
    return [from, Math.max(below, from + 1)]
  }

  private line(): number {
    return this.lines > 0 ? this.height / this.lines : LINE_PX
  }
}
