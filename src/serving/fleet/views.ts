/** What routers are told of replicas: signals as they were last scraped, and the router's own books. */

import type { Seconds } from "../../base/quantity.ts";
import type { Load } from "../engine/load.ts";
import type { EngineSettings } from "../engine/settings.ts";
import type { ReplicaView } from "../routing/policy.ts";

/** One replica's view; the fleet writes what policies read. */
export class View implements ReplicaView {
  readonly index: number;
  ready = true;
  observedAt: Seconds = 0;
  running = 0;
  waiting = 0;
  cacheUsage = 0;
  readonly cacheBlocks: number;
  readonly blockTokens: number;
  readonly maxBatchedTokens: number;
  inFlight = 0;
  inFlightPrefillTokens = 0;
  inFlightTokens = 0;

  constructor(index: number, settings: EngineSettings) {
    this.index = index;
    this.cacheBlocks = settings.blocks * settings.dataParallel;
    this.blockTokens = settings.blockTokens;
    this.maxBatchedTokens = settings.maxBatchedTokens;
  }

  /** Takes a replica's load, as it is now or as its metrics tell it. */
  observe({ running, waiting, usage }: Readonly<Load>, now: Seconds): void {
    this.observedAt = now;
    this.running = running;
    this.waiting = waiting;
    this.cacheUsage = usage;
  }
}
