/** What computing a prompt's rest would take instead of fetching it: its chunks alone, by the engine's own step times. */

import type { Seconds } from "../../base/quantity.ts";
import type { EngineSettings } from "../engine/settings.ts";
import { Batch, type StepTime } from "../step/batch.ts";

export class RecomputeTime {
  private readonly settings: EngineSettings;
  private readonly step: StepTime;
  private readonly batches: readonly Batch[];

  constructor(settings: EngineSettings, step: StepTime) {
    this.settings = settings;
    this.step = step;
    this.batches = Array.from({ length: settings.dataParallel }, () => new Batch());
  }

  /** Time of computing tokens `from` to `to` in chunks of the engine's size, with nothing beside them. */
  of(from: number, to: number): Seconds {
    const { maxBatchedTokens, pipeline } = this.settings;
    const first = this.batches[0]!;
    let time: Seconds = 0;
    for (let at = from; at < to; at += maxBatchedTokens) {
      first.clear();
      first.addPrefill(Math.min(maxBatchedTokens, to - at), at);
      first.sampled = at + maxBatchedTokens >= to ? 1 : 0;
      time += pipeline * this.step.time(this.batches);
    }
    return time;
  }
}
