/** Shares of flows added up link by link, without a map: what a path or a whole collective puts on a topology. */

import type { SharedPath } from "../../simulation/index.ts";

export class LinkUses {
  private readonly amounts: Float64Array;
  private readonly touched: number[] = [];

  constructor(links: number) {
    this.amounts = new Float64Array(links);
  }

  /** More than 0 of a flow over a link. */
  add(link: number, amount: number): void {
    if (this.amounts[link] === 0) this.touched.push(link);
    this.amounts[link]! += amount;
  }

  /** All links used so far with their shares, in the order of first use; then nothing is used. */
  take(): SharedPath {
    const { amounts, touched } = this;
    const resources = Int32Array.from(touched);
    const use = new Float64Array(resources.length);
    let whole = true;
    for (let index = 0; index < resources.length; index++) {
      const link = resources[index]!;
      use[index] = amounts[link]!;
      whole &&= use[index] === 1;
      amounts[link] = 0;
    }
    touched.length = 0;
    return whole ? { resources } : { resources, use };
  }
}
