/**
 * Depth of a row in a radix tree. No block is evicted before those that go on from it, nor found under two copies, so
 * whatever holds a block holds all before it and halving finds the end.
 */

/** Leading blocks that are held, at most `most`. */
export function radixDepth(most: number, holds: (index: number) => boolean): number {
  let depth = 0;
  let beyond = most + 1;
  while (beyond - depth > 1) {
    const middle = (depth + beyond) >>> 1;
    if (holds(middle - 1)) depth = middle;
    else beyond = middle;
  }
  return depth;
}
