/**
 * Inline hardware: wherever a catalog name may stand, an object with the same fields may. With `extends:` only
 * the fields that differ are written; without it everything that the catalog type requires must be there.
 */

import { z } from "zod";
import type { Accelerator, Arithmetic, Generation } from "../../catalog/accelerator.ts";
import type { Buildings, Fabric, FabricTopology, NodeType } from "../../catalog/cluster.ts";
import { choice, count, expectation, list, quantity, ratio, strict, text } from "./fields.ts";

/** All fields optional, at every depth. */
export type Partially<Value> = Value extends readonly unknown[] | string | number
  ? Value
  : { readonly [Key in keyof Value]?: Partially<Value[Key]> };

/** Fields of catalog entries that describe and compute nothing. */
type Descriptive = "sources" | "aliases" | "notes" | "vendor" | "year" | "cache" | "vectorPeak";

export type AcceleratorInline = Partially<Omit<Accelerator, Descriptive>> & { readonly extends?: string };
export type NodeInline = Partially<Omit<NodeType, Descriptive | "accelerator">> & {
  readonly extends?: string;
  readonly accelerator?: string | AcceleratorInline;
};
export type FabricInline = Partially<Omit<Fabric, Descriptive | "buildings" | "graph">> & {
  readonly extends?: string;
  readonly buildings?: Buildings;
  /** A path; what stands in the file once it is read. */
  readonly graph?: unknown;
};

const generations = [
  "ampere",
  "ada",
  "hopper",
  "blackwell",
  "blackwell-workstation",
  "cdna2",
  "cdna3",
  "cdna4",
  "tpu-v4",
  "tpu-v5e",
  "tpu-v5p",
  "tpu-v6e",
  "tpu-v7x",
  "gaudi2",
  "gaudi3",
  "trainium2",
  "ascend-910",
] as const satisfies readonly Generation[];

/** Units that training uses; others would be accepted and ignored. */
const arithmetics = ["fp32", "tf32", "bf16", "fp16", "fp8", "fp4"] as const satisfies readonly Arithmetic[];

const peak = strict(() =>
  Object.fromEntries(
    arithmetics.map((name) => [name, quantity("flopPerSecond", `Dense ${name} peak, no sparsity.`).exactOptional()]),
  ),
).meta({ description: "Dense peak compute by arithmetic." }) as z.ZodType<Partial<Record<Arithmetic, number>>>;

const power = z
  .union([z.literal("unknown"), quantity("watts", "Rated power.")], {
    error: expectation({ expected: 'a power with its unit, or the word "unknown"', hint: 'e.g. "700 W"' }),
  })
  .meta({ description: 'Rated power, or the word "unknown".' }) as z.ZodType<number | "unknown">;

const naming = {
  extends: text("Catalog name that this object starts from; the fields given here replace its own.").exactOptional(),
  name: text("Name printed for it.").exactOptional(),
  label: text("What people read.").exactOptional(),
};

const acceleratorObject: z.ZodType<AcceleratorInline> = strict(() => ({
  ...naming,
  generation: choice(generations, "Generation whose calibrated kernel efficiencies are used.").exactOptional(),
  peak: peak.exactOptional(),
  memory: strict(() => ({
    capacity: quantity("bytes", "High-bandwidth memory per accelerator.").exactOptional(),
    bandwidth: quantity("bytesPerSecond", "Bandwidth of that memory.").exactOptional(),
  }))
    .meta({ description: "Memory of the accelerator." })
    .exactOptional(),
  multiprocessors: count("Streaming multiprocessors, compute units or cores.").exactOptional(),
  scaleUp: strict(() => ({
    bandwidth: quantity("bytesPerSecond", "Per accelerator, one direction.").exactOptional(),
  }))
    .meta({ description: "Direct link to its peers." })
    .exactOptional(),
  power: power.exactOptional(),
})).meta({ description: "A hypothetical accelerator." }) as z.ZodType<AcceleratorInline>;

const nodeObject: z.ZodType<NodeInline> = strict(() => ({
  ...naming,
  accelerator: z
    .union([text("Catalog name of an accelerator."), acceleratorObject], {
      error: expectation({ expected: "the catalog name of an accelerator or an inline object" }),
    })
    .meta({ description: "Catalog name of an accelerator, or an inline object." })
    .exactOptional(),
  acceleratorsPerNode: count("Accelerators in one node.", { atLeast: 1, atMost: 100_000 }).exactOptional(),
  scaleUp: strict(() => ({
    domain: count("Accelerators joined by the scale-up network.", { atLeast: 1, atMost: 1_000_000 }).exactOptional(),
    topology: choice(["switch", "mesh", "torus-2d", "torus-3d", "pcie"], "How they are joined.").exactOptional(),
    bandwidth: quantity("bytesPerSecond", "Per accelerator, one direction.").exactOptional(),
    reduction: choice(["none", "nvls"], "Reduction inside the switch.").exactOptional(),
  }))
    .meta({ description: "Scale-up network of the node." })
    .exactOptional(),
  nics: strict(() => ({
    count: count("Network ports of one node that carry collectives.", { atLeast: 0, atMost: 1024 }).exactOptional(),
    bandwidth: quantity("bytesPerSecond", "Of one port, one direction.").exactOptional(),
    link: quantity(
      "bytesPerSecond",
      "Between an accelerator and its ports (PCIe), one direction. Default as fast as the ports.",
    ).exactOptional(),
  }))
    .meta({ description: "Network ports." })
    .exactOptional(),
  host: strict(() => ({
    link: quantity("bytesPerSecond", "Between one accelerator and host memory, one direction.").exactOptional(),
    memory: quantity("bytesPerSecond", "Bandwidth of the host memory of one node.").exactOptional(),
  }))
    .meta({ description: "The host behind the accelerators." })
    .exactOptional(),
  power: power.exactOptional(),
})).meta({ description: "A hypothetical node." }) as z.ZodType<NodeInline>;

const topologies = [
  "fat-tree",
  "rail-optimised",
  "rail-only",
  "dual-plane",
  "dragonfly",
  "torus-2d",
  "torus-3d",
  "torus",
  "direct",
] as const satisfies readonly FabricTopology[];

const routing = strict(() => ({
  policy: choice(
    ["deterministic", "ecmp", "adaptive", "spray"],
    "How one of several equally short ways is taken: by destination, by a hash of the flow, the least loaded, packet by packet.",
  ).exactOptional(),
  queuePairs: count("Parts that a message is split in, each hashed by itself. Default 1.", {
    atLeast: 1,
    atMost: 1024,
  }).exactOptional(),
  forwarding: choice(
    ["rail", "own"],
    "rail: over the neighbour on the destination's rail first (PXN); own: from the sender's own port.",
  ).exactOptional(),
})).meta({
  description:
    "How ways through the fabric are chosen; what is left out, as the transport does it. Without it closed forms see ports and tiers and no collisions.",
});

const buildings = strict(() => ({
  count: count("Buildings that the nodes are dealt over evenly.", { atLeast: 1, atMost: 64 }),
  bandwidth: quantity("bytesPerSecond", "All links between two buildings together, one direction."),
  roundTrip: quantity("seconds", "There and back between two buildings.", { atLeast: 0 }),
})).meta({ description: "Nodes in several buildings, each with this fabric, joined by links of their own." });

const fabricObject: z.ZodType<FabricInline> = strict(() => ({
  ...naming,
  transport: choice(["infiniband", "roce", "ethernet", "efa", "dcn", "none"], "Transport protocol.").exactOptional(),
  topology: choice(topologies, "How switches are joined.").exactOptional(),
  tiers: count("Switch tiers.", { atLeast: 0, atMost: 6 }).exactOptional(),
  oversubscription: list(
    ratio("1 is non-blocking, 7 means 1:7, 0.5 twice as much above as below.", { atLeast: 0.1, atMost: 1000 }),
    "One entry per tier boundary, from the leaf up; 1 is non-blocking.",
  ).exactOptional(),
  hopLatency: quantity("seconds", "One way through one switch hop with its cables.", { atLeast: 0 }).exactOptional(),
  nodesPerPod: count("Nodes below one pod, inside which the fabric is non-blocking.").exactOptional(),
  nodesPerLeaf: count("Nodes below one leaf, or one group of rail leaves. Default half of the radix.").exactOptional(),
  radix: count("Ports of one switch at the rate of the nodes' ports.", { atLeast: 2, atMost: 65_536 }).exactOptional(),
  uplinkBandwidth: quantity(
    "bytesPerSecond",
    "Of one cable above the leaves, one direction. Default that of the nodes' ports.",
  ).exactOptional(),
  reduction: choice(
    ["none", "sharp"],
    "Whether its switches add for all-reduces (SHARP) and the job may use it. Default none.",
  ).exactOptional(),
  routing: routing.exactOptional(),
  failures: list(
    text("A switch, port or link by name."),
    "What is down: switches (spine 0), links (leaf 3 -> spine 7).",
  ).exactOptional(),
  buildings: buildings.exactOptional(),
  graph: z
    .union([text("Path of the description."), z.looseObject({})], {
      error: expectation({ expected: "a path, or an object with accelerators, switches and cables" }),
    })
    .meta({
      description:
        "A network of one's own: path of a file (YAML, JSON), or an object, with accelerators, ports, switches and cables (docs/models/flows.md).",
    })
    .exactOptional(),
})).meta({ description: "A fabric described here." }) as z.ZodType<FabricInline>;

/** `cluster.node`: a catalog name or an inline object. */
export const nodeField: z.ZodType<string | NodeInline> = z
  .union([text("Catalog name of a node."), nodeObject], {
    error: expectation({ expected: "the catalog name of a node or an inline object", hint: "windtunnel catalog node" }),
  })
  .meta({ description: "Catalog name of a node (`windtunnel catalog node`), or an inline object." });

/** `cluster.fabric`: a catalog name or an inline object. */
export const fabricField: z.ZodType<string | FabricInline> = z
  .union([text("Catalog name of a fabric."), fabricObject], {
    error: expectation({
      expected: "the catalog name of a fabric or an inline object",
      hint: "windtunnel catalog fabric",
    }),
  })
  .meta({ description: "Catalog name of a fabric (`windtunnel catalog fabric`), or an inline object." });
