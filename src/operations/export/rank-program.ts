/** Nodes of one rank in the order in which it runs them: what follows waits for everything at the end so far. */

import type { TraceNode } from "../../workload/chakra/index.ts";

export type Step = Omit<TraceNode, "id" | "dependsOn">;

export class RankProgram {
  readonly nodes: TraceNode[] = [];
  private tail: readonly bigint[] = [];

  /** What a node added now would wait for. */
  get end(): readonly bigint[] {
    return this.tail;
  }

  /** What follows waits for it. */
  next(step: Step): void {
    this.tail = [this.add(step, this.tail)];
  }

  /** Starts when what waits for `after` starts; what follows waits for both. */
  beside(step: Step, after: readonly bigint[]): void {
    this.tail = [...this.tail, this.add(step, after)];
  }

  /** All of them start now; what follows waits for all. */
  together(steps: readonly Step[]): void {
    const start = this.tail;
    this.tail = steps.map((step) => this.add(step, start));
  }

  /** Waits for `after` only, and nobody for it but who names it. */
  apart(step: Step, after: readonly bigint[]): bigint {
    return this.add(step, after);
  }

  /** Nobody on this rank waits for it. */
  aside(step: Step): void {
    this.add(step, this.tail);
  }

  private add(step: Step, dependsOn: readonly bigint[]): bigint {
    const id = BigInt(this.nodes.length);
    this.nodes.push({ ...step, id, dependsOn });
    return id;
  }
}
