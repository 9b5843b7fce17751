/**
 * Time of an iteration, accelerators and host together, and whose it is: how long the sequences that generate, or one
 * chunk of a prompt, would have taken alone. What is more is interference.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { RequestState } from "../request-state.ts";
import { Batch, type StepTime } from "../step/batch.ts";
import type { Plan } from "./plan.ts";
import type { EngineSettings, HostTimes } from "./settings.ts";

export class TimeSplitter {
  private readonly step: StepTime;
  private readonly host: HostTimes;
  private readonly overlap: EngineSettings["hostOverlap"];
  /** Batches of a part alone, one a rank. */
  private readonly part: readonly Batch[];

  constructor(step: StepTime, host: HostTimes, ranks: number, overlap: EngineSettings["hostOverlap"]) {
    this.step = step;
    this.host = host;
    this.overlap = overlap;
    this.part = Array.from({ length: ranks }, () => new Batch());
  }

  /** Time of one pipeline stage for batches with so many sequences. */
  whole(batches: readonly Batch[], sequences: number): Seconds {
    const device = this.step.time(batches);
    const { iteration, iterationPerSequence, scheduling, schedulingPerSequence } = this.host;
    const own = iteration + iterationPerSequence * sequences;
    const hidden = scheduling + schedulingPerSequence * sequences;
    return own + (this.overlap === "on" ? Math.max(device, hidden) : device + hidden);
  }

  /** Share of an iteration's time that its generating sequences would have taken alone. */
  split(batches: readonly Batch[], duration: Seconds, stages: number): number {
    let prompts = 0;
    let sequences = 0;
    for (let rank = 0; rank < batches.length; rank++) {
      const from = batches[rank]!;
      const to = this.part[rank]!;
      prompts += from.prefills;
      sequences += from.decodes;
      to.clear();
      to.decodes = from.decodes;
      to.decodeTokens = from.decodeTokens;
      to.decodeContext = from.decodeContext;
      to.decodeContextMin = from.decodeContextMin;
      to.decodeContextMax = from.decodeContextMax;
      to.sampled = from.decodeTokens;
    }
    if (prompts === 0) return 1;
    if (sequences === 0) return 0;
    return Math.min(1, (stages * this.whole(this.part, sequences)) / duration);
  }

  /** Drafting for the sequences that generate alone; `share` is what `split` just said of the same batches. */
  drafting(batches: readonly Batch[], share: number): Seconds {
    if (this.step.drafting === undefined || share === 0) return 0;
    return this.step.drafting(share === 1 ? batches : this.part);
  }

  /** Adds what the chunk at an index of the plan would have taken alone to its request. */
  addPrompt(plan: Plan, index: number, state: RequestState, duration: Seconds): void {
    const row = plan.rows[index]!;
    if (plan.count === 1 && this.part.length === 1) {
      state.prefillAlone[row]! += duration;
      return;
    }
    for (const batch of this.part) batch.clear();
    const first = this.part[0]!;
    const tokens = plan.tokens[index]!;
    first.addPrefill(tokens, plan.before[index]!);
    first.sampled = plan.gains[index]!;
    state.prefillAlone[row]! += Math.min(duration, this.whole(this.part, 1));
  }
}
