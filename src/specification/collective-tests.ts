/**
 * Tests of collectives with nccl-tests (rccl-tests has the same programs): inside each node, over each pair of nodes,
 * over all nodes. Thresholds are the slow edge of the interval of each call's prediction.
 */

import { formatQuantity } from "../base/quantity.ts";
import type { Cluster } from "../catalog/cluster.ts";
import type { CollectiveOperation } from "../network/index.ts";
import { type CollectiveDesign, type Prediction, predictDesign } from "../scenario/index.ts";
import type { Draft, Drafts } from "./draft.ts";
import type { Machines } from "./machines.ts";
import type { Limit, SpecifiedTest } from "./specification.ts";

const programs: readonly { readonly program: string; readonly operation: CollectiveOperation }[] = [
  { program: "all_reduce", operation: "all-reduce" },
  { program: "all_gather", operation: "all-gather" },
  { program: "reduce_scatter", operation: "reduce-scatter" },
  { program: "alltoall", operation: "all-to-all" },
];

/** 1 MiB to 4 GiB: start-up counts at the small end, links at the large one. */
const sizes = [2 ** 20, 2 ** 24, 2 ** 28, 2 ** 32];
const range = "-b 1M -e 4G -f 16";

/** Beyond so many ranks a call of the smallest size gives a rank of an all-to-all less than a packet. */
const smallest = 256;

type Scope = Extract<SpecifiedTest["scope"], "node" | "node-pair" | "cluster">;

interface Place {
  readonly scope: Scope;
  readonly short: string;
  readonly words: string;
  readonly nodes: number;
  readonly logs: number;
}

export function collectiveTests(machines: Machines): Drafts {
  const { cluster, pool } = machines;
  const programsName = testSuite(cluster);
  const of = pool === undefined ? "" : ` of pool ${pool}`;
  if (programsName === undefined) {
    const reason = `no nccl-tests for ${cluster.node.accelerator.vendor} accelerators`;
    return { drafts: [], notCovered: [`collectives${of}: ${reason}`] };
  }
  return { drafts: placesOf(cluster).map((place) => draftOf(machines, place, programsName)), notCovered: [] };
}

function testSuite({ node }: Cluster): string | undefined {
  const vendor = node.accelerator.vendor.toLowerCase();
  if (vendor === "nvidia") return "nccl-tests";
  return vendor === "amd" ? "rccl-tests" : undefined;
}

function placesOf({ node, nodes }: Cluster): readonly Place[] {
  const inside: Place = { scope: "node", short: "NODE", words: "inside each node", nodes: 1, logs: nodes };
  const pair: Place = {
    scope: "node-pair",
    short: "PAIR",
    words: "over two nodes, so that each node is in one pair",
    nodes: 2,
    logs: Math.ceil(nodes / 2),
  };
  const all: Place = { scope: "cluster", short: "ALL", words: `over all ${nodes} nodes`, nodes, logs: 1 };
  return [...(node.acceleratorsPerNode > 1 ? [inside] : []), ...(nodes > 2 ? [pair] : []), ...(nodes > 1 ? [all] : [])];
}

function draftOf(machines: Machines, place: Place, suite: string): Draft {
  const { pool, cluster } = machines;
  const id = `NET-${place.short}${pool === undefined ? "" : `-${pool}`}`;
  const tests = programs.map(({ program, operation }): SpecifiedTest => {
    const ranks = place.nodes * cluster.node.acceleratorsPerNode;
    return {
      id: `${id}-${program}`,
      requirement: id,
      kind: "collective",
      title: `${operation} ${place.words}`,
      scope: place.scope,
      logs: place.logs,
      command: commandOf(program, place, cluster.node.acceleratorsPerNode),
      match: { program, ranks, nodes: place.nodes, suite },
      limits: sizesFor(operation, ranks).map((size) => limitOf(machines.collective({ operation, size, ranks }), size)),
    };
  });
  const whose = pool === undefined ? "" : ` of pool ${pool}`;
  const text = `Collectives ${place.words}${whose} move bytes as fast as sound machines of this design are predicted to.`;
  return { requirement: { id, text, verification: "test" }, tests };
}

function sizesFor(operation: CollectiveOperation, ranks: number): readonly number[] {
  return operation === "all-to-all" ? sizes.filter((size) => size / ranks >= smallest) : sizes;
}

function commandOf(program: string, { nodes, scope }: Place, perNode: number): string {
  if (scope === "node") return `./build/${program}_perf ${range} -g ${perNode} | tee ${program}.$(hostname).log`;
  const ranks = nodes * perNode;
  const hosts = scope === "node-pair" ? "-H NODE1:8,NODE2:8".replaceAll(":8", `:${perNode}`) : "--hostfile hosts";
  return `mpirun -np ${ranks} -N ${perNode} ${hosts} ./build/${program}_perf ${range} -g 1 | tee ${program}.${nodes}-nodes.log`;
}

/** The slow edge of the prediction's interval; none where nothing measured judges such a call. */
function limitOf(design: CollectiveDesign, size: number): Limit {
  const prediction = predictDesign({ kind: "collective", collective: design });
  const { busBandwidth = null } = prediction.metrics;
  const basis = prediction.basis.busBandwidth;
  const low = basis?.interval?.[0] ?? null;
  return {
    metric: "busBandwidth",
    unit: "B/s",
    size,
    direction: "at-least",
    predicted: busBandwidth,
    threshold: low,
    trust: low === null ? "assumed" : (basis?.trust ?? "assumed"),
    formula: formulaOf(prediction),
    reason: low === null ? noInterval(size) : edge(busBandwidth, low),
    sources: ["nccl-tests-performance", "aiconfigurator-comm"],
  };
}

function formulaOf({ points, terms }: Prediction): string {
  const way = points?.at(-1)?.how ?? terms.label;
  return `size / time x (bus bytes over size); time of ${way}`;
}

const noInterval = (size: number): string =>
  `no threshold: no measured run judges a call of ${formatQuantity(size, "bytes", "binary")} that the fabric's links decide`;

function edge(predicted: number | null, low: number): string {
  const short = predicted === null ? "" : `, ${((1 - low / predicted) * 100).toFixed(1)} % below the prediction`;
  return `slow edge of the 90 % interval of measured calls on sound machines${short}`;
}
