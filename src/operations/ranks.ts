/** `explain --ranks`: a table of measured rank times, attributed to ranks, stages, data and jitter. */

import type { DesignOf } from "../scenario/index.ts";
import { type MeasuredStragglers, measuredStragglers, microBatches } from "../training/index.ts";
import type { Host } from "./host.ts";
import { parseRankTable } from "./rank-table.ts";

/** Rejects with a ProblemError on a table that cannot be read or does not fit the layout. */
export async function readStragglers(
  file: string,
  design: DesignOf<"training">,
  host: Host,
): Promise<MeasuredStragglers> {
  const { case: c } = design.training;
  const table = parseRankTable(await host.read(file), {
    file: file === "-" ? "stdin" : file,
    layout: c.layout,
    microBatches: microBatches(c.layout, c.globalBatch),
  });
  return measuredStragglers(c, table);
}
