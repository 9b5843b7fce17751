/** The scale-up links: lanes that are down, and accelerators that do not reach each other. */

import type { BytesPerSecond } from "../../../base/quantity.ts";
import type { Platform } from "../../../network/index.ts";
import { withLinks, withoutPeers } from "../faults.ts";
import { faultyTime, type Question } from "../question.ts";
import type { Hypothesis } from "./hypothesis.ts";

/** One direction of one NVLink, by generation. @source nvidia-h100, nvidia-blackwell */
const linkRate: Readonly<Record<string, BytesPerSecond>> = { ampere: 25e9, hopper: 25e9, blackwell: 50e9 };

/** Links of one accelerator; undefined where they are not joined by switches. */
function linkCount({ platform: { generation, scaleUp } }: Question): number | undefined {
  const rate = linkRate[generation];
  return scaleUp.topology === "switch" && rate !== undefined ? Math.round(scaleUp.bandwidth / rate) : undefined;
}

const inside = ({ group }: Question): boolean => Math.min(group.perDomain, group.size) > 1;

/** Where curves were measured the whole curve scales, else the library chooses as if all were well. */
function withFault(change: (platform: Platform, question: Question) => Platform): Hypothesis["times"] {
  return (question, sizes) => {
    const platform = change(question.platform, question);
    const whole = question.group.size <= question.group.perDomain;
    const { algorithms = [undefined] } = question;
    return sizes.map(({ size, healthy }) =>
      faultyTime(question, size, { platform, algorithms: whole ? algorithms : [healthy] }),
    );
  };
}

export const links: readonly Hypothesis[] = [
  {
    name: "link-lost",
    linkClass: "scale-up links",
    label: "one NVLink of an accelerator down",
    test: "nvidia-smi nvlink --status on every node; all_reduce_perf on pairs of accelerators of the node",
    applies: (question) => inside(question) && linkCount(question) !== undefined,
    times: withFault((platform, question) => withLinks(platform, 1 - 1 / (linkCount(question) ?? 1))),
  },
  {
    name: "links-half",
    linkClass: "scale-up links",
    label: "half of an accelerator's scale-up links down, or all at half of their rate",
    test: "nvidia-smi nvlink --status, or rocm-smi --showtopo; all_reduce_perf on pairs of accelerators of the node",
    applies: inside,
    times: withFault((platform) => withLinks(platform, 1 / 2)),
  },
  {
    name: "peers-off",
    linkClass: "scale-up links",
    label: "no peer-to-peer inside the node: traffic goes through host memory",
    test: "NCCL_DEBUG=INFO: ways say SHM instead of P2P; nvidia-smi topo -p2p r; NCCL_P2P_DISABLE, fabric manager",
    applies: ({ cluster, platform, ...rest }) =>
      inside({ cluster, platform, ...rest }) &&
      cluster.node.host !== undefined &&
      cluster.node.host.link < platform.scaleUp.bandwidth,
    times: (question, sizes) => {
      const platform = withoutPeers(question.platform, question.cluster.node.host?.link ?? 1);
      return sizes.map(({ size }) => faultyTime(question, size, { platform, algorithms: [undefined] }));
    },
  },
];
