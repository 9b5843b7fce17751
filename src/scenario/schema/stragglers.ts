/** `stragglers:` places that are slower than the model says, by position or by chance; `jitter:` the rest of it. */

import type { z } from "zod";
import type { Slowed } from "../../training/index.ts";
import { choice, count, list, ratio, strict } from "./fields.ts";

/** One entry as written: a place, or a share of the nodes. `resolve` says which keys go together. */
export interface StragglerText {
  readonly rank?: number;
  readonly node?: number;
  readonly stage?: number;
  readonly dataRank?: number;
  readonly share?: number;
  readonly factor: number;
  readonly what?: Slowed;
  readonly probability?: number;
}

const position = { atLeast: 0, atMost: 100_000_000 };

const straggler = strict(
  () => ({
    rank: count("Global rank: numbered by tensor, context, data, pipeline, innermost first.", position).exactOptional(),
    node: count("Node, in the order of its ranks.", position).exactOptional(),
    stage: count("Pipeline rank: all its accelerators, or those of dataRank.", position).exactOptional(),
    dataRank: count("Data rank: all its accelerators, or those of stage.", position).exactOptional(),
    share: ratio("Probability that a node is slow, whichever it is.").exactOptional(),
    factor: ratio("How many times as long its work takes.", { atLeast: 1, atMost: 1000 }),
    what: choice(
      ["computation", "communication", "network", "both"],
      "Its kernels take longer, the transfers it takes part in, those of them that leave the scale-up domain (a slow NIC), or kernels and transfers. Default computation.",
    ).exactOptional(),
    probability: ratio("Share of the steps in which it is slow. Default 1.").exactOptional(),
  }),
  "e.g. { rank: 12, factor: 1.3 }",
).meta({ description: "A slow place: a rank, node, stage, dataRank, or a share of the nodes." });

/** The list. */
export const stragglersField: z.ZodType<readonly StragglerText[]> = list(
  straggler,
  "Places that are slower than the model says; the step waits for the slowest.",
) as unknown as z.ZodType<readonly StragglerText[]>;

/** Share of the step lost per doubling of nodes. */
export const jitterField: z.ZodType<number, number | string> = ratio(
  "Share of the step lost, for each doubling of nodes, to ranks that finish at different times. Default: calibrated.",
);
