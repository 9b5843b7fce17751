/** Everything a rank is connected to: the prefill replica of a request, tiers, and what is pinned for sessions. */

import type { Rank } from "../engine/rank.ts";
import type { Connector } from "../kvcache/connector.ts";
import type { Pins } from "../kvcache/pins.ts";
import type { RankTiers } from "../kvcache/rank-tiers.ts";
import type { HandOffs } from "./hand-off.ts";

export interface RankConnectorParts {
  readonly rank: Rank;
  readonly replica: number;
  readonly handOffs?: HandOffs;
  readonly tiers?: RankTiers;
  readonly pins?: Pins;
}

export class RankConnector implements Connector {
  readonly parts: RankConnectorParts;
  /** Transfers that start when the next iteration begins. */
  private asked: (() => void)[] = [];

  constructor(parts: RankConnectorParts) {
    this.parts = parts;
  }

  offered(row: number, cached: number): number {
    const { handOffs, tiers, rank } = this.parts;
    if (handOffs?.has(row)) return handOffs.offered(row, cached * rank.settings.blockTokens);
    return tiers?.offered(row, cached) ?? 0;
  }

  fetch(row: number, range: { readonly cached: number; readonly tokens: number }, arrived: () => void): void {
    const { handOffs, tiers, replica } = this.parts;
    if (handOffs?.has(row)) this.asked.push(handOffs.request(row, replica, range.tokens, arrived));
    else tiers?.fetch(row, range, arrived);
  }

  admitted(row: number, cached: number): void {
    const { handOffs, tiers, pins, rank } = this.parts;
    if (handOffs?.has(row)) handOffs.admitted(row, cached * rank.settings.blockTokens);
    tiers?.admitted(row, cached);
    pins?.release(rank.state.list.session[row]!);
  }

  planned(): void {
    this.parts.tiers?.planned();
  }

  begins(): void {
    if (this.asked.length > 0) {
      const { asked } = this;
      this.asked = [];
      for (const start of asked) start();
    }
    this.parts.tiers?.begins();
  }

  ended(): void {
    this.parts.tiers?.ended();
  }

  giveWay(): boolean {
    return this.parts.pins?.giveWay() ?? false;
  }
}
