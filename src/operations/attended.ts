/** Long work of this process that hears its user. */

import type { Seconds } from "../base/quantity.ts";
import type { Steps } from "../base/steps.ts";
import type { Host } from "./host.ts";

/** Time between two pauses. */
const every: Seconds = 0.1;

/** Runs work to its end, with a pause now and then in which the host may hear that it is to stop. */
export async function attended<Result>(steps: Steps<Result>, host: Host): Promise<Result> {
  await host.pause();
  let last = host.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (host.now() - last < every) continue;
    await host.pause();
    last = host.now();
  }
}
