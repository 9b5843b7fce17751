/**
 * How much a traffic is to compute, told before it is run: messages times the links of the longest way. Packets that
 * are sprayed over a large fabric use all of its spines, and messages that run one by one hold every link of their way.
 */

import { formatQuantity } from "../../base/quantity.ts";
import { type Routes, trafficPatterns } from "../../network/index.ts";
import type { PatternDesign, PhaseDesign, TrafficCase } from "../traffic/design.ts";
import { type Notes, problem } from "./notes.ts";

/** Most links of all ways of a step: held in memory one by one, or only added up. */
const linksMost = { free: 4e7, "in-step": 4e8 } as const;

/** Problems of a traffic that would not end in a minute or so. */
export function workProblems(traffic: TrafficCase, routes: Routes, notes: Notes): void {
  const last = routes.topology.accelerators - 1;
  const way = last === 0 ? undefined : routes.path(0, last, 0);
  const each = (way?.resources.length ?? 0) * routes.parts(0, last);
  for (const { path, messages, pace } of partsOf(traffic)) {
    if (messages * each <= linksMost[pace]) continue;
    const count = (value: number): string => formatQuantity(value, "count");
    const message = `${count(messages)} messages over up to ${count(each)} links each are too many to run`;
    problem(notes, path, message, "fewer accelerators, smaller groups, or routing: { policy: ecmp, queuePairs: 4 }");
  }
}

interface Part {
  readonly path: string;
  readonly messages: number;
  readonly pace: keyof typeof linksMost;
}

function partsOf(traffic: TrafficCase): readonly Part[] {
  switch (traffic.what) {
    case "pattern":
      return [{ path: "workload.pattern", ...patternPart(traffic) }];
    case "trace":
      return [{ path: "workload.trace", messages: traffic.messages.length, pace: "free" }];
    case "jobs": {
      const messages = traffic.jobs
        .flatMap(({ phases }) => phases)
        .reduce((sum, phase) => sum + phaseMessages(phase), 0);
      return [{ path: "workload.jobs", messages, pace: "in-step" }];
    }
  }
}

function patternPart({ pattern: name, groups, options }: PatternDesign): Omit<Part, "path"> {
  const pattern = trafficPatterns.get(name);
  return { messages: groups.length * pattern.count(groups[0]?.length ?? 0, options), pace: pattern.pace };
}

function phaseMessages(phase: PhaseDesign): number {
  switch (phase.what) {
    case "compute":
      return 0;
    case "pattern":
      return patternPart(phase).messages;
    case "collective":
      return phase.groups.reduce(
        (sum, { length }) => sum + (phase.algorithm === "direct" ? length * length : length),
        0,
      );
  }
}
