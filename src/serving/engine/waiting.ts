/** Requests that wait for a place in an engine: in order of arrival, or by priority and then arrival. */

/** Rows in a ring; both ends can be pushed to. */
export class WaitingQueue {
  private rows: Int32Array = new Int32Array(64);
  private head = 0;
  private length = 0;
  /** Smaller comes first; undefined where order of arrival decides. */
  private readonly priority: ((row: number) => number) | undefined;

  constructor(priority?: (row: number) => number) {
    this.priority = priority;
  }

  get size(): number {
    return this.length;
  }

  /** The row at a place from the front, 0 for the first. */
  at(place: number): number {
    return this.rows[(this.head + place) & (this.rows.length - 1)]!;
  }

  /** A new request: behind all, or behind those of its priority. */
  push(row: number): void {
    this.insert(this.priority === undefined ? this.length : this.placeOf(row, "behind"), row);
  }

  /** A request that lost its place: before all, or before those of its priority. */
  pushFront(row: number): void {
    this.insert(this.priority === undefined ? 0 : this.placeOf(row, "before"), row);
  }

  shift(): number {
    const row = this.at(0);
    this.head = (this.head + 1) & (this.rows.length - 1);
    this.length -= 1;
    return row;
  }

  /** Takes a row out wherever it stands; false where it does not wait here. */
  remove(row: number): boolean {
    for (let place = 0; place < this.length; place++) {
      if (this.at(place) !== row) continue;
      this.removeAt(place);
      return true;
    }
    return false;
  }

  removeAt(place: number): void {
    for (let next = place + 1; next < this.length; next++) this.set(next - 1, this.at(next));
    this.length -= 1;
  }

  private insert(place: number, row: number): void {
    if (this.length === this.rows.length) this.grow();
    this.length += 1;
    if (place === 0) {
      this.head = (this.head - 1) & (this.rows.length - 1);
    } else {
      for (let next = this.length - 1; next > place; next--) this.set(next, this.at(next - 1));
    }
    this.set(place, row);
  }

  private placeOf(row: number, side: "before" | "behind"): number {
    const own = this.priority?.(row) ?? 0;
    let place = this.length;
    while (place > 0) {
      const other = this.priority?.(this.at(place - 1)) ?? 0;
      if (side === "behind" ? other <= own : other < own) break;
      place -= 1;
    }
    return place;
  }

  private set(place: number, row: number): void {
    this.rows[(this.head + place) & (this.rows.length - 1)] = row;
  }

  private grow(): void {
    const rows = new Int32Array(2 * this.rows.length);
    for (let place = 0; place < this.length; place++) rows[place] = this.at(place);
    this.rows = rows;
    this.head = 0;
  }
}
