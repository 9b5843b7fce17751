/** What routers are told of replicas: signals as they were last scraped, and the router's own books. */

import type { Seconds } from "../../base/quantity.ts";
import type { Engine } from "../engine/engine.ts";
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

  /** Takes the signals of a replica as they are now. */
  observe(engine: Engine, now: Seconds): void {
    this.observedAt = now;
    this.running = engine.running;
    this.waiting = engine.waiting;
    let usage = 0;
    for (const rank of engine.ranks) usage += rank.usage;
    this.cacheUsage = usage / engine.ranks.length;
  }
}
