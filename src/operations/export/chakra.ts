/**
 * `export chakra`: a scenario as an execution trace, one file a rank. What is lost is listed: values of the design that
 * nothing in a trace says, and those that a trace only has in another form.
 */

import { ProblemError } from "../../base/problem.ts";
import type { Lost } from "../../launch/index.ts";
import type { Design, TrafficDesign } from "../../scenario/index.ts";
import type { TrainingCase } from "../../training/case.ts";
import { chakraFiles, type Trace } from "../../workload/chakra/index.ts";
import type { Host } from "../host.ts";
import { collectiveTrace } from "./collective-trace.ts";
import { putIn, sizesLost } from "./rounding.ts";
import { trafficRounding, trafficTrace } from "./traffic-trace.ts";
import { trainingTrace } from "./training-trace.ts";

export interface ChakraExport {
  readonly kind: "chakra";
  /** Paths of the files, by rank. */
  readonly files: readonly string[];
  readonly lost: readonly Lost[];
}

/** Writes `PREFIX.<rank>.et`. */
export async function exportChakra(design: Design, prefix: string | undefined, host: Host): Promise<ChakraExport> {
  if (prefix === undefined) {
    const hint = "--output run writes run.0.et, run.1.et, ...";
    throw new ProblemError([{ path: "--output", message: "missing: a trace is a file for each rank", hint }]);
  }
  const { trace, lost } = designTrace(design);
  if (trace.recorded.every(({ nodes }) => nodes.length === 0)) {
    const message = "a trace of it would be empty: its ranks send nothing, or less than a byte each";
    throw new ProblemError([{ path: "workload", message, hint: "larger sizes, or more ranks" }]);
  }
  const files: string[] = [];
  for (const { rank, bytes } of chakraFiles(trace)) {
    const path = `${prefix.replace(/\.et$/, "")}.${rank}.et`;
    await host.writeBytes(path, bytes);
    files.push(path);
  }
  const first = files[0] ?? "";
  host.progress(`${files.length} file${files.length === 1 ? "" : "s"} written: ${first} ...`);
  return { kind: "chakra", files, lost };
}

/** The trace of a design, and what of the design is not in it. */
export function designTrace(design: Design): { readonly trace: Trace; readonly lost: readonly Lost[] } {
  switch (design.kind) {
    case "collective": {
      const { ranks, algorithm, call, exchange, cluster, operation, sizes } = design.collective;
      const put = sizes.map((size) => putIn(operation, size, ranks.length));
      const spread = ranks.some((accelerator, rank) => accelerator !== rank);
      return {
        trace: collectiveTrace(design.collective),
        lost: [
          machines(cluster.node.name),
          ...sizesLost("workload.sizes", put),
          ...(spread
            ? [lose("workload.group", "the accelerators of the group", "a trace numbers the ranks of a job from 0")]
            : []),
          ...(algorithm === undefined
            ? []
            : [lose("workload.algorithm", algorithm, "a trace leaves it to whoever replays it")]),
          ...Object.entries(call).map(([key, value]) =>
            lose(`workload.${key}`, String(value), "a trace leaves it to whoever replays it"),
          ),
          ...(exchange === undefined
            ? []
            : [lose("workload.exchange", exchange.dispatcher, "a trace has a plain all-to-all of the same size")]),
        ],
      };
    }
    case "traffic":
      return { trace: trafficTrace(design.traffic), lost: trafficLost(design.traffic) };
    case "shared": {
      const hint = "export the scenario of each of them";
      throw new ProblemError([{ path: "workloads", message: "a trace is of one job", hint }]);
    }
    case "serving": {
      const hint = "windtunnel predict --timeline shows every engine";
      throw new ProblemError([{ path: "workload.kind", message: "a trace of serving is not modelled", hint }]);
    }
    case "training":
      return trainingExport(design.training.case);
  }
}

function trafficLost(design: TrafficDesign): readonly Lost[] {
  const { cluster, traffic } = design;
  const waits = lose(
    "workload.jobs.phases",
    "all of a job wait for each other after a phase",
    "ranks of a trace wait for what they exchange",
  );
  const several = lose(
    "workload.jobs",
    traffic.what === "jobs" ? traffic.jobs.length : 1,
    "a trace is of one job",
    "one after another in its ranks",
  );
  const overhead = traffic.what !== "jobs" && traffic.overhead > 0 ? traffic.overhead : undefined;
  const forced = traffic.what === "jobs" ? forcedAlgorithms(traffic.jobs) : [];
  const algorithm = lose(
    "workload.jobs.phases.algorithm",
    forced.join(", "),
    "a trace leaves it to whoever replays it",
  );
  return [
    machines(cluster.node.name),
    ...trafficRounding(design),
    ...(forced.length > 0 ? [algorithm] : []),
    ...(traffic.what === "jobs" ? [waits] : []),
    ...(traffic.what === "jobs" && traffic.jobs.length > 1 ? [several] : []),
    ...(overhead === undefined
      ? []
      : [lose("workload.overhead", overhead, "a message has bytes, no time of software")]),
  ];
}

/** Those that are not what a phase takes by itself. */
function forcedAlgorithms(
  jobs: Extract<TrafficDesign["traffic"], { readonly what: "jobs" }>["jobs"],
): readonly string[] {
  const found = jobs.flatMap(({ phases }) =>
    phases.flatMap((phase) =>
      phase.what === "collective" && usual(phase) !== phase.algorithm ? [phase.algorithm] : [],
    ),
  );
  return [...new Set(found)];
}

function usual({ operation }: { readonly operation: string }): string {
  if (operation === "all-to-all") return "direct";
  return operation === "broadcast" ? "ring" : "hierarchical";
}

function trainingExport(c: TrainingCase): { readonly trace: Trace; readonly lost: readonly Lost[] } {
  if (c.pools !== undefined) {
    const hint = "write node and nodes, or a single pool";
    throw new ProblemError([{ path: "cluster.pools", message: "a trace of a step is of one kind of node", hint }]);
  }
  const { trace, written } = trainingTrace(c);
  const few = `${trace.recorded.length} of ${trace.ranks} ranks: the others of a stage do the same`;
  return {
    trace,
    lost: [
      ...(written === "all"
        ? []
        : [lose("ranks", few, `read with --set ranks=${trace.ranks}`, "one rank for each stage")]),
      machines(c.cluster.node.name),
      lose("workload.model", c.model.name, "a trace has times and bytes", "times of passes, in whole microseconds"),
      lose(
        "layout",
        "which layer exchanges what",
        "the step knows bytes by dimension",
        "whole bytes of the step spread evenly over its passes",
      ),
      ...(c.lengths === undefined
        ? []
        : [lose("workload.lengths", "sequences of unequal length", "passes have their mean time")]),
      ...(c.stragglers === undefined
        ? []
        : [lose("stragglers", "slow ranks", "how machines behave, not what they run")]),
    ],
  };
}

function machines(node: string): Lost {
  return lose("cluster", node, "a trace has no machines: import chakra takes --node and --nodes");
}

function lose(path: string, value: unknown, reason: string, instead: unknown = "nothing"): Lost {
  return { path, value, instead, reason };
}
