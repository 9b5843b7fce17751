/**
 * Constants of an engine beyond its kernels: on the accelerator and on the host around it.
 *
 * Host: what BLIS fitted on vLLM 0.15 on H100 and publishes, taken for every engine: 126 us an iteration, 4.4 us a
 * sequence in it, 15.6 ms from the client to the queue, 0.8 ms back.
 * @source blis
 */

import type { ServingConstants } from "../../catalog/calibration/serving.ts";
import type { HostTimes } from "../engine/settings.ts";

export interface EngineTimes {
  readonly constants: ServingConstants;
  readonly host: HostTimes;
}

export function engineTimes(): EngineTimes {
  return {
    constants: { gap: 0, launch: 5e-6, iteration: 0, perSequence: 0 },
    host: {
      ingress: 15.563e-3,
      ingressPerToken: 0,
      egress: 0.777e-3,
      iteration: 126e-6,
      iterationPerSequence: 4.417e-6,
      scheduling: 0,
      schedulingPerSequence: 0,
    },
  };
}
