/** What the library was told or could not use: sound links, and another way over them. */

import { formatQuantity, type Seconds } from "../../../base/quantity.ts";
import { median } from "../../../base/statistics.ts";
import { algorithmsFor } from "../../../network/index.ts";
import { withoutReduction } from "../faults.ts";
import { domainsOf, faultyTime, type Question } from "../question.ts";
import type { Hypothesis, SizeAsked } from "./hypothesis.ts";

/** Protocols that can be forced, on the algorithms that have them. */
function protocolOnly(question: Question, protocol: string): readonly string[] {
  const { platform, operation, group } = question;
  return algorithmsFor(platform, { operation, group, size: 1 })
    .filter((name) => name === "ring" || name === "tree")
    .map((name) => `${name}/${protocol}`);
}

/** Below this, latency is what is measured. */
const smallMost = 2 ** 20;

/** What each call takes longer than predicted, where size does not matter yet. */
function callOverhead(sizes: readonly SizeAsked[]): Seconds {
  const small = sizes.filter(({ size }) => size <= smallMost).map(({ measured, predicted }) => measured - predicted);
  return small.length === 0 ? 0 : Math.max(0, median(small));
}

export const library: readonly Hypothesis[] = [
  {
    name: "nvls-off",
    linkClass: "library",
    label: "no in-switch reduction (NVLS): rings or trees carry it instead",
    test: "NCCL_DEBUG=INFO: NVLS multicast support; NCCL_NVLS_ENABLE, fabric manager, driver; compare NCCL_ALGO=NVLS",
    applies: ({ platform, operation, algorithms }) =>
      operation === "all-reduce" && platform.scaleUp.reduction === "nvls" && algorithms === undefined,
    times: (question, sizes) => {
      const platform = withoutReduction(question.platform);
      return sizes.map(({ size }) => faultyTime(question, size, { platform, algorithms: [undefined] }));
    },
    stated: ({ multicast }) => multicast === "off",
  },
  {
    name: "pxn-off",
    linkClass: "library",
    label: "PXN off: every rank sends to every other by itself, over all rails",
    test: "NCCL_PXN_DISABLE=0, and nccl-tests with one process for each accelerator on all nodes alike",
    applies: (question) => question.operation === "all-to-all" && domainsOf(question) > 1,
    times: (question, sizes) =>
      sizes.map(({ size }) => faultyTime(question, size, { platform: question.platform, algorithms: ["direct"] })),
  },
  {
    name: "protocol-ll",
    linkClass: "library",
    label: "the LL protocol forced at every size (half of each word is a flag)",
    test: "env | grep NCCL_PROTO, /etc/nccl.conf; NCCL_DEBUG=INFO with NCCL_DEBUG_SUBSYS=TUNING prints the choice",
    applies: (question) => question.algorithms === undefined && protocolOnly(question, "ll").length > 0,
    times: (question, sizes) => {
      const algorithms = protocolOnly(question, "ll");
      return sizes.map(({ size }) => faultyTime(question, size, { platform: question.platform, algorithms }));
    },
  },
  {
    name: "slow-calls",
    linkClass: "library",
    label: "every call takes longer by the same time, whatever its size: launches, processor clocks, a loaded host",
    test: "the same sizes with -g on one process, CUDA graphs (-G 1), and the processor's governor on performance",
    applies: () => true,
    free: 1,
    described: (_, sizes) => {
      const overhead = formatQuantity(callOverhead(sizes), "seconds");
      return `every call takes ${overhead} longer, whatever its size: launches, processor clocks, a loaded host`;
    },
    times: (_, sizes) => {
      const overhead = callOverhead(sizes);
      return sizes.map(({ predicted }) => predicted + overhead);
    },
  },
];
