/** A binary heap of resources by level in typed arrays; equal levels come out by number, so results have one order. */

export class LevelHeap {
  private length = 0;
  private readonly levels: Float64Array;
  private readonly resources: Int32Array;

  constructor(capacity: number) {
    this.levels = new Float64Array(capacity + 1);
    this.resources = new Int32Array(capacity + 1);
  }

  /** The resource of the least level; -1 when there is none. */
  get least(): number {
    return this.length === 0 ? -1 : this.resources[0]!;
  }

  get leastLevel(): number {
    return this.levels[0]!;
  }

  push(resource: number, level: number): void {
    const { levels, resources } = this;
    let position = this.length++;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if (!precedes(level, resource, levels[parent]!, resources[parent]!)) break;
      levels[position] = levels[parent]!;
      resources[position] = resources[parent]!;
      position = parent;
    }
    levels[position] = level;
    resources[position] = resource;
  }

  pop(): void {
    const { levels, resources } = this;
    const last = --this.length;
    const level = levels[last]!;
    const resource = resources[last]!;
    let position = 0;
    for (;;) {
      let child = 2 * position + 1;
      if (child >= last) break;
      const right = child + 1;
      if (right < last && precedes(levels[right]!, resources[right]!, levels[child]!, resources[child]!)) child = right;
      if (!precedes(levels[child]!, resources[child]!, level, resource)) break;
      levels[position] = levels[child]!;
      resources[position] = resources[child]!;
      position = child;
    }
    levels[position] = level;
    resources[position] = resource;
  }
}

function precedes(level: number, resource: number, otherLevel: number, otherResource: number): boolean {
  return level < otherLevel || (level === otherLevel && resource < otherResource);
}
