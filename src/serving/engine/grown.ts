/** Arrays that grow: the same array where it is long enough, else a copy of at least twice its length. */
export function grown(values: Int32Array, length: number): Int32Array {
  if (values.length >= length) return values;
  const larger = new Int32Array(Math.max(length, 2 * values.length));
  larger.set(values);
  return larger;
}
