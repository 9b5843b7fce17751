/** Sources of failures, restarts and checkpoints. `where` says second-hand where the figures were read in a text that quotes them. */
import type { Source } from "./source.ts";

export const reliabilitySources: Readonly<Record<string, Source>> = {
  "llama3-interruptions": {
    title: "The Llama 3 Herd of Models",
    year: 2024,
    where: "Section 3.3.4, Table 5: 419 unexpected interruptions in 54 days on 16,384 H100, by cause",
    url: "https://arxiv.org/abs/2407.21783",
    kind: "paper",
  },
  "kokolis-2025-rsc": {
    title: "Revisiting Reliability in Large-Scale Machine Learning Research Clusters",
    year: 2025,
    where: "HPCA; expected time ratio and failures per node-day, second-hand",
    url: "https://arxiv.org/abs/2410.21680",
    kind: "paper",
  },
  "young-1974": {
    title: "A First Order Approximation to the Optimum Checkpoint Interval",
    year: 1974,
    where: "Communications of the ACM 17 (9)",
    kind: "paper",
  },
  "daly-2006": {
    title: "A Higher Order Estimate of the Optimum Checkpoint Interval for Restart Dumps",
    year: 2006,
    where: "Future Generation Computer Systems 22 (3)",
    kind: "paper",
  },
  "erlang-1917": {
    title: "Solution of some Problems in the Theory of Probabilities of Significance in Automatic Telephone Exchanges",
    year: 1917,
    where: "A. K. Erlang; the loss formula",
    kind: "paper",
  },
  "wilson-hilferty-1931": {
    title: "The Distribution of Chi-Square",
    year: 1931,
    where: "PNAS 17 (12)",
    kind: "paper",
  },
  "abramowitz-stegun": {
    title: "Handbook of Mathematical Functions",
    year: 1964,
    where: "26.2.17: the normal distribution",
    kind: "paper",
  },
  "byterobust-2025": {
    title: "Robust LLM Training Infrastructure at ByteDance",
    year: 2025,
    where: "SOSP; detection by time-out in about 600 s, second-hand",
    url: "https://arxiv.org/abs/2509.16293",
    kind: "paper",
  },
  "byte-checkpoint": {
    title: "ByteCheckpoint: A Unified Checkpointing System for Large Foundation Model Development",
    year: 2025,
    where: "NSDI; blocking by planning 0.2 s against 4 to 6 s, second-hand",
    url: "https://arxiv.org/abs/2407.20143",
    kind: "paper",
  },
  "mlcommons-storage": {
    title: "MLPerf Storage submission guidelines",
    year: 2025,
    where: "Section 2.2.1, Table 2: checkpoint sizes",
    url: "https://github.com/mlcommons/storage",
    kind: "documentation",
  },
};
