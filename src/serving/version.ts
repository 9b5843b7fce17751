/** Versions of engines, by their numbers: what follows them (rc2, post1) does not count. */

/** Whether a version is at least another; one that has no number is not. */
export function isSince(version: string, since: string): boolean {
  const [own, wanted] = [numbersOf(version), numbersOf(since)];
  if (own === undefined || wanted === undefined) return false;
  for (let part = 0; part < Math.max(own.length, wanted.length); part++) {
    const difference = (own[part] ?? 0) - (wanted[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Numbers of a version: `0.19.0rc2` is 0, 19, 0. */
function numbersOf(version: string): readonly number[] | undefined {
  return /^v?(\d+(?:\.\d+)*)/.exec(version.trim())?.[1]?.split(".").map(Number);
}
