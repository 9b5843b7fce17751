/** The resources of a design of any kind, each with a way to have a little more or less of it. */

import type { Cluster } from "../catalog/cluster.ts";
import { networkResources } from "./hardware-resources.ts";
import type { Design } from "./predict.ts";
import { relaidCollective } from "./resolve/collective.ts";
import { relaidTraining } from "./resolve/contention.ts";
import { servingResources } from "./serving/resources.ts";
import { trainingResources } from "./training/resources.ts";

export interface DesignResource {
  readonly name: string;
  readonly label: string;
  /** Present amount, SI. */
  readonly value: number;
  readonly unit: string;
  /** The same design with `factor` times as much of it. */
  scaled(factor: number): Design;
}

/** Everything a design can have more of, in a fixed order. What it has none of is left out. */
export function resourcesOf(design: Design): readonly DesignResource[] {
  switch (design.kind) {
    case "training":
      return trainingResources(design.training).map((resource) => ({
        ...resource,
        scaled: (factor) => {
          const training = resource.scaled(factor);
          const laid = design.training.fabric !== undefined && resource.name === "scaleOutBandwidth";
          return { kind: "training", training: laid ? relaidTraining(training) : training };
        },
      }));
    case "collective":
      return clusterResources(design.collective.cluster, (cluster) => {
        return { kind: "collective", collective: relaidCollective({ ...design.collective, cluster }) };
      });
    case "serving":
      return servingResources(design.serving).map((resource) => ({
        ...resource,
        scaled: (factor) => ({ kind: "serving", serving: resource.scaled(factor) }),
      }));
    case "shared":
      // Jobs differ in what moves them: ask for each by itself.
      return [];
    case "traffic":
      return clusterResources(design.traffic.cluster, (cluster) => {
        return { kind: "traffic", traffic: { ...design.traffic, cluster } };
      });
  }
}

/** Links and hops of a cluster, in a design that is made again with another cluster. */
function clusterResources(cluster: Cluster, designOf: (cluster: Cluster) => Design): readonly DesignResource[] {
  return networkResources
    .map(
      ({ name, label, unit, value, scale }): DesignResource => ({
        name,
        label,
        unit,
        value: value(cluster),
        scaled: (factor) => designOf(scale(cluster, factor)),
      }),
    )
    .filter(({ value }) => value > 0);
}
