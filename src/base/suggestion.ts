/** What the user probably meant: the known name nearest to a mistyped one. */

/**
 * Nearest of `names` to `text`, or undefined when none is near enough to be a likely slip.
 * Case is ignored, and names that differ in separators alone come first. A swap of two neighbouring letters counts as one edit; among equals the first name wins.
 */
export function suggestion(text: string, names: Iterable<string>): string | undefined {
  const wanted = text.toLowerCase();
  // Long names may differ in more letters; three is the most that still reads as a slip.
  let distanceMin = Math.min(3, Math.ceil(wanted.length / 3)) + 1;
  let nearest: string | undefined;
  let containing: string | undefined;
  for (const name of names) {
    const candidate = name.toLowerCase();
    if (lettersOf(candidate) === lettersOf(wanted)) return name;
    const distance = editDistance(wanted, candidate);
    if (distance < distanceMin) {
      distanceMin = distance;
      nearest = name;
    }
    if (wanted.length >= 3 && candidate.includes(wanted) && name.length < (containing?.length ?? Infinity)) {
      containing = name;
    }
  }
  return nearest ?? containing;
}

function lettersOf(name: string): string {
  return name.replace(/[-_. ]/g, "");
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  const table = new Uint16Array((a.length + 1) * width);
  const at = (row: number, column: number): number => table[row * width + column] as number;
  for (let column = 0; column < width; column++) table[column] = column;
  for (let row = 1; row <= a.length; row++) {
    table[row * width] = row;
    for (let column = 1; column < width; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + same);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, at(row - 2, column - 2) + 1);
      table[row * width + column] = best;
    }
  }
  return at(a.length, b.length);
}
