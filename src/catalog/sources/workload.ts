/** Sources of the workload part: what trace formats mean. */

import type { Source } from "./source.ts";

const read = "2026-11";

export const workloadSources: Readonly<Record<string, Source>> = {
  "chakra-schema": {
    title: "MLCommons Chakra: et_def.proto, the schema of execution traces, and its feeder, generator and converters",
    year: 2025,
    where: "schema/protobuf/et_def.proto, src/feeder, src/generator, src/converter",
    url: "https://github.com/mlcommons/chakra",
    date: read,
    kind: "source-code",
  },
  "chakra-2023": {
    title:
      "Chakra: Advancing Performance Benchmarking and Co-design using Standardized Execution Traces (Sridharan et al.)",
    year: 2023,
    url: "https://arxiv.org/abs/2305.14516",
    date: read,
    kind: "paper",
  },
  "astra-sim-workload": {
    title: "ASTRA-sim: the workload layer that replays Chakra traces, and its collective algorithms",
    year: 2025,
    where: "astra-sim/workload/Workload.cc, astra-sim/system/astraccl",
    url: "https://github.com/astra-sim/astra-sim",
    date: read,
    kind: "source-code",
  },
  "protobuf-encoding": {
    title: "Protocol Buffers: encoding",
    where: "protobuf.dev/programming-guides/encoding",
    url: "https://protobuf.dev/programming-guides/encoding/",
    date: read,
    kind: "documentation",
  },
  "johnson-1994": {
    title: "Continuous Univariate Distributions, volume 1, second edition (Johnson, Kotz, Balakrishnan)",
    year: 1994,
    where: "chapter 21: Weibull distributions",
    kind: "paper",
  },
  "nist-dlmf": {
    title: "NIST Digital Library of Mathematical Functions",
    where: "5.11: Gamma function, asymptotic expansions",
    url: "https://dlmf.nist.gov/5.11",
    date: read,
    kind: "documentation",
  },
  "hu-1961-scheduling": {
    title: "Parallel Sequencing and Assembly Line Problems (Hu)",
    year: 1961,
    where: "Operations Research 9(6): tasks with the longest way ahead first",
    url: "https://doi.org/10.1287/opre.9.6.841",
    date: read,
    kind: "paper",
  },
  "knuth-1977-matching": {
    title: "Fast Pattern Matching in Strings (Knuth, Morris, Pratt)",
    year: 1977,
    where: "SIAM Journal on Computing 6(2)",
    url: "https://doi.org/10.1137/0206024",
    date: read,
    kind: "paper",
  },
};
