/** Sources of the acceptance tests: programs and what they print. */
import type { Source } from "./source.ts";

const read = "2026-11";

export const acceptanceSources: Readonly<Record<string, Source>> = {
  babelstream: {
    title: "BabelStream: its kernels, what a rate counts, and the table it prints",
    year: 2023,
    where: "README.md, src/main.cpp",
    url: "https://github.com/UoB-HPC/BabelStream",
    date: read,
    kind: "documentation",
  },
  "nccl-tests-json": {
    title: "nccl-tests: what -J FILE writes",
    year: 2025,
    where: "src/util.cu",
    url: "https://github.com/NVIDIA/nccl-tests/blob/master/src/util.cu",
    date: read,
    kind: "documentation",
  },
  "rccl-tests-records": {
    title: "rccl-tests: results as records, -Z csv and -Z json",
    year: 2025,
    where: "README.md, Parsing RCCL-Tests output",
    url: "https://github.com/ROCm/rccl-tests",
    date: read,
    kind: "documentation",
  },
  nvbandwidth: {
    title: "nvbandwidth: its test cases, the matrices that it prints and what -j writes",
    year: 2025,
    where: "README.md, output.cpp, json_output.cpp",
    url: "https://github.com/NVIDIA/nvbandwidth",
    date: read,
    kind: "documentation",
  },
  fio: {
    title: "fio: JSON output, bw_bytes of jobs, client_stats of runs over several machines",
    year: 2024,
    where: "JSON output; Client / server",
    url: "https://fio.readthedocs.io/en/latest/fio_doc.html",
    date: read,
    kind: "documentation",
  },
};
