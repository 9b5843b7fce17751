/**
 * A serving design with its requests drawn once, and no more of them than asked for: for questions that run it many
 * times. All runs then have the same requests (common random numbers).
 *
 * Ignores: what only later requests bring. A cache that is still filling counts for more than in the whole run.
 */

import { firstRequests } from "../../workload/request/list.ts";
import type { ServingDesign } from "./design.ts";
import { servedRequests } from "./requests.ts";

export interface RequestSample {
  readonly design: ServingDesign;
  /** Requests that are run, and those of the scenario. */
  readonly used: number;
  readonly all: number;
}

export function sampleOf(design: ServingDesign, most: number): RequestSample {
  const { list } = servedRequests(design);
  const sample = firstRequests(list, most);
  const requests = { source: "trace", file: "", format: "", list: sample, skipped: 0 } as const;
  return { design: { ...design, requests }, used: sample.count, all: list.count };
}
