/** Keys of `workload:` of kind traffic. */

import type { Case, Section } from "./written.ts";

const workload = (fields: Section): Section => ({ workload: fields });
const pattern = (name: string, fields: Section = {}): Section => workload({ pattern: name, ...fields });

/** Two jobs on a fabric that is thin enough for them to meet. */
const jobs = (first: Section, phase: Section = { collective: "all-reduce", size: "1 GB" }): Section => ({
  cluster: { fabric: { oversubscription: [4], routing: { policy: "spray" } } },
  workload: {
    pattern: undefined,
    size: undefined,
    jobs: [
      { name: "a", accelerators: 64, placement: "alternate", phases: [phase], ...first },
      { name: "b", accelerators: 64, placement: "alternate", phases: [{ collective: "all-to-all", size: "1 GB" }] },
    ],
  },
});
const plain = jobs({});
const phased = (phase: Section): Section => jobs({}, phase);
const halo: Section = { pattern: "halo-2d", size: "64 MiB", grid: [8, 8] };

export const trafficCases: readonly Case[] = [
  ["workload.pattern", pattern("bisection")],
  ["workload.size", workload({ size: "1 GiB" })],
  ["workload.groups.size", workload({ groups: { size: 8 } }), pattern("neighbour")],
  ["workload.groups.stride", workload({ groups: { stride: 8 } }), pattern("neighbour", { groups: { size: 8 } })],
  ["workload.shift", workload({ shift: 8 }), pattern("neighbour")],
  ["workload.fanIn", workload({ fanIn: 5 }), pattern("incast")],
  ["workload.targets", workload({ targets: 5 }), pattern("checkpoint")],
  ["workload.grid", workload({ grid: [64, 2] }), pattern("halo-2d")],
  ["workload.boundary", workload({ boundary: "open" }), pattern("halo-2d", { grid: [128, 1] })],
  ["workload.accelerators", workload({ accelerators: "0-7" })],
  [
    "workload.accelerators.first",
    workload({ accelerators: { first: 60, count: 8 } }),
    pattern("neighbour", { accelerators: { count: 8 } }),
  ],
  ["workload.accelerators.count", workload({ accelerators: { count: 8 } })],
  [
    "workload.accelerators.stride",
    workload({ accelerators: { stride: 8 } }),
    pattern("neighbour", { accelerators: { count: 8 } }),
  ],
  ["workload.rounds", workload({ rounds: 3 })],
  ["workload.overhead", workload({ overhead: "5 us" })],
  ["workload.trace", workload({ pattern: undefined, size: undefined, trace: "flows.csv" })],
  ["workload.jobs", plain],
  ["workload.jobs.accelerators", jobs({ accelerators: 32 }), plain],
  [
    "workload.jobs.accelerators.first",
    jobs({ accelerators: { first: 4, count: 8 }, placement: undefined }),
    jobs({ accelerators: { count: 8 }, placement: undefined }),
  ],
  ["workload.jobs.accelerators.count", jobs({ accelerators: { count: 8 }, placement: undefined }), plain],
  [
    "workload.jobs.accelerators.stride",
    jobs({ accelerators: { count: 8, stride: 8 }, placement: undefined }),
    jobs({ accelerators: { count: 8 }, placement: undefined }),
  ],
  ["workload.jobs.placement", jobs({ placement: "packed" }), plain],
  ["workload.jobs.start", jobs({ start: "1 s" }), plain],
  ["workload.jobs.rounds", jobs({ rounds: 2 }), plain],
  ["workload.jobs.phases", phased({ compute: "1 s" }), plain],
  ["workload.jobs.phases.compute", phased({ compute: "1 s" }), phased({ compute: "2 s" })],
  ["workload.jobs.phases.collective", phased({ collective: "all-gather", size: "1 GB" }), plain],
  ["workload.jobs.phases.algorithm", phased({ collective: "all-reduce", size: "1 GB", algorithm: "ring" }), plain],
  ["workload.jobs.phases.size", phased({ collective: "all-reduce", size: "2 GB" }), plain],
  ["workload.jobs.phases.groups.size", phased({ collective: "all-reduce", size: "1 GB", groups: { size: 8 } }), plain],
  [
    "workload.jobs.phases.groups.stride",
    phased({ collective: "all-reduce", size: "1 GB", groups: { size: 8, stride: 8 } }),
    phased({ collective: "all-reduce", size: "1 GB", groups: { size: 8 } }),
  ],
  ["workload.jobs.phases.pattern", phased({ pattern: "permutation", size: "1 GB" }), plain],
  [
    "workload.jobs.phases.shift",
    phased({ pattern: "neighbour", size: "1 GB", shift: 8 }),
    phased({ pattern: "neighbour", size: "1 GB" }),
  ],
  [
    "workload.jobs.phases.fanIn",
    phased({ pattern: "incast", size: "1 GB", fanIn: 8 }),
    phased({ pattern: "incast", size: "1 GB" }),
  ],
  [
    "workload.jobs.phases.targets",
    phased({ pattern: "checkpoint", size: "1 GB", targets: 1 }),
    phased({ pattern: "checkpoint", size: "1 GB" }),
  ],
  ["workload.jobs.phases.grid", phased({ ...halo, grid: [64, 1] }), phased(halo)],
  [
    "workload.jobs.phases.boundary",
    phased({ ...halo, grid: [2, 32], boundary: "open" }),
    phased({ ...halo, grid: [2, 32] }),
  ],
];
