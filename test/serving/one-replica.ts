/** One replica without a router, for tests of engines. */

import type { EngineSettings, HostTimes } from "../../src/serving/engine/settings.ts";
import { runFleet } from "../../src/serving/fleet/fleet.ts";
import type { FleetObserver, FleetRun } from "../../src/serving/fleet/spec.ts";
import type { Batch, StepTime } from "../../src/serving/step/batch.ts";
import type { RequestList } from "../../src/workload/request/list.ts";
import { noHost, plainSettings as smallSettings } from "../serving-case.ts";

/** A roomy engine. */
export const plainSettings: EngineSettings = {
  ...smallSettings,
  version: "0",
  maxSequences: 128,
  maxLength: 131_072,
  blocks: 25_000,
};

export interface Trial {
  readonly requests: RequestList;
  readonly settings: EngineSettings;
  readonly step: StepTime;
  readonly host?: HostTimes;
  readonly seed?: number;
  readonly until?: number;
  readonly observer?: FleetObserver;
}

export function runReplica({ requests, settings, step, host = noHost, seed = 0, until, observer }: Trial): FleetRun {
  return runFleet({
    requests,
    replicas: [{ settings, step, host }],
    router: () => ({ choose: () => 0 }),
    hop: 0,
    signals: { scrapeInterval: 0, eventDelay: 0 },
    failures: { kind: "listed", list: [] },
    seed,
    ...(until === undefined ? {} : { until }),
    ...(observer === undefined ? {} : { observer }),
  });
}

/** Step times that a test states: of the slowest rank. */
export function stepTimeOf(time: (batch: Batch) => number): StepTime {
  return {
    time: (batches) => batches.reduce((most, batch) => Math.max(most, time(batch)), 0),
    terms: () => {
      throw new Error("nobody asks for terms here");
    },
  };
}
