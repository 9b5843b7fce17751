/**
 * What one field asks of another: either this section or that one. Looked at on the value as written, so that it
 * is reported together with everything else that is wrong.
 */

import type { Problem } from "../../base/problem.ts";
import { workloadExample } from "./workload.ts";

type Loose = Readonly<Record<string, unknown>>;

/** An object that is neither a list nor nothing. */
export function isObject(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Problems between fields of one scenario as written. */
export function structureProblems(written: unknown): Problem[] {
  if (!isObject(written)) return [];
  return [...workloadProblems(written), ...clusterProblems(written.cluster)];
}

function workloadProblems(written: Loose): Problem[] {
  const both = written.workload !== undefined && written.workloads !== undefined;
  if (both) {
    return [{ path: "workloads", message: "a scenario has either workload or workloads", hint: "remove one of them" }];
  }
  if (written.workload === undefined && written.workloads === undefined) {
    return [{ path: "workload", message: "missing; expected what is run", hint: workloadExample }];
  }
  if (Array.isArray(written.workloads)) {
    return written.workloads.flatMap((entry: unknown, index) => {
      if (!isObject(entry)) return [];
      const found = trainingProblems({ workload: entry.workload, layout: entry.layout });
      return found.map((problem): Problem => ({ ...problem, path: `workloads[${index}].${problem.path}` }));
    });
  }
  return trainingProblems(written);
}

function trainingProblems(written: Loose): Problem[] {
  const workload = written.workload;
  if (!isObject(workload) || workload.kind !== "training") return [];
  const problems: Problem[] = [];
  if (workload.sequenceLength === undefined && workload.lengths === undefined) {
    const hint = "tokens per sequence, e.g. sequenceLength: 8192";
    problems.push({ path: "workload.sequenceLength", message: "missing; expected a count", hint });
  }
  if (workload.sequenceLength !== undefined && workload.lengths !== undefined) {
    const message = "a workload has either sequenceLength or lengths";
    problems.push({ path: "workload.lengths", message, hint: "remove one of them" });
  }
  if (written.layout === undefined) {
    const hint = "e.g. layout: { tensor: 8, pipeline: 4, microBatch: 1 }; data follows from the accelerators";
    problems.push({ path: "layout", message: "missing; training needs a layout", hint });
  }
  return problems;
}

function clusterProblems(cluster: unknown): Problem[] {
  if (!isObject(cluster)) return [];
  const problems: Problem[] = [];
  const add = (path: string, message: string, hint: string): number => problems.push({ path, message, hint });
  if (cluster.pools !== undefined) {
    if (cluster.node !== undefined) add("cluster.node", "a cluster has either node or pools", "remove one of them");
    if (cluster.nodes !== undefined) add("cluster.nodes", "a cluster with pools counts its nodes there", "remove it");
    return problems;
  }
  if (cluster.node === undefined) {
    add("cluster.node", "missing; expected the catalog name of a node", "e.g. node: hgx-h100");
  }
  if (cluster.nodes === undefined) add("cluster.nodes", "missing; expected the number of nodes", "e.g. nodes: 16");
  return problems;
}
