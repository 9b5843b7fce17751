/** What goodput depends on besides the step: how long things last, how fast the job comes back, how fast it saves. */

import { componentRates, jobRates, scaledTimes } from "../../reliability/index.ts";
import { clustersOf } from "../../training/index.ts";
import type { ReliabilityDesign, TrainingDesign } from "./design.ts";
import type { Resource } from "./resources.ts";

export function reliabilityResources(design: TrainingDesign, reliability: ReliabilityDesign): Resource[] {
  const { times, checkpoint, store } = reliability;
  const clusters = clustersOf(design.case);
  const changed = (change: Partial<ReliabilityDesign>): TrainingDesign => {
    return { ...design, reliability: { ...reliability, ...change } };
  };
  const time = (name: "detection" | "restart" | "repair", label: string): Resource => {
    const value = reliability[name];
    return { name: `${name}Time`, label, value, unit: "s", scaled: (factor) => changed({ [name]: value * factor }) };
  };
  const rate = (name: keyof ReliabilityDesign["store"], label: string): Resource => {
    const port = Math.min(...clusters.map(({ node }) => node.nics.bandwidth));
    const value = store[name] ?? (name === "perNode" ? port : 0);
    const scaled = (factor: number): TrainingDesign => changed({ store: { ...store, [name]: value * factor } });
    return { name: `${storeNames[name]}Bandwidth`, label, value, unit: "B/s", scaled };
  };
  const stalled = checkpoint.stall === undefined ? "overhead" : "stall";
  const stall = checkpoint[stalled] ?? 0;
  return [
    {
      name: "timeBetweenFailures",
      label: "time between failures",
      value: 1 / jobRates(componentRates(clusters, times)).all,
      unit: "s",
      scaled: (factor) => changed({ times: scaledTimes(times, factor) }),
    },
    time("detection", "time to notice a failure"),
    time("restart", "time to restart"),
    time("repair", "time to repair a node"),
    {
      name: "checkpointStall",
      label: stalled === "stall" ? "stall of a checkpoint" : "planning of a checkpoint",
      value: stall,
      unit: "s",
      scaled: (factor) => changed({ checkpoint: { ...checkpoint, [stalled]: stall * factor } }),
    },
    rate("write", "write rate of the store"),
    rate("read", "read rate of the store"),
    rate("perNode", "rate of a node to the store"),
  ];
}

const storeNames: Readonly<Record<keyof ReliabilityDesign["store"], string>> = {
  write: "storeWrite",
  read: "storeRead",
  perNode: "storeNode",
};
