/** A few numbers for each token count, computed when a count is first asked for. */

export class Memo {
  private values = new Float64Array(0);
  private readonly known: (tokens: number, out: Float64Array, at: number) => void;
  private readonly columns: number;

  constructor(columns: number, compute: (tokens: number, out: Float64Array, at: number) => void) {
    this.columns = columns;
    this.known = compute;
  }

  /** Place of the row of a token count in `table`. */
  at(tokens: number): number {
    const at = tokens * this.columns;
    if (at >= this.values.length) this.grow(at + this.columns);
    if (Number.isNaN(this.values[at] as number)) this.known(tokens, this.values, at);
    return at;
  }

  /** The number of a memo of one column. */
  value(tokens: number): number {
    const at = this.at(tokens);
    return this.values[at] as number;
  }

  get table(): Float64Array {
    return this.values;
  }

  private grow(length: number): void {
    const larger = new Float64Array(Math.max(2 * this.values.length, length, 1024 * this.columns)).fill(Number.NaN);
    larger.set(this.values);
    this.values = larger;
  }
}
