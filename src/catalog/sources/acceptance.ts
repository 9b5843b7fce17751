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
  fio: {
    title: "fio: JSON output, bw_bytes of jobs, client_stats of runs over several machines",
    year: 2024,
    where: "JSON output; Client / server",
    url: "https://fio.readthedocs.io/en/latest/fio_doc.html",
    date: read,
    kind: "documentation",
  },
};
