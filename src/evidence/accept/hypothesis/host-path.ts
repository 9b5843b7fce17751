/** The way from accelerators to ports: PCIe, host memory, and sockets instead of remote access. */

import type { BytesPerSecond } from "../../../base/quantity.ts";
import { gigabits } from "../../../catalog/cluster.ts";
import { overOnePort, overSockets, withPortLimit } from "../faults.ts";
import { domainsOf, faultyTime, type Question } from "../question.ts";
import type { Hypothesis } from "./hypothesis.ts";

const crosses = (question: Question): boolean => domainsOf(question) > 1;

/** Share of PCIe's line rate that copies reach. @source vidur-network, pcie-rates */
const reached = 3 / 4;

/**
 * Most that an accelerator sends where every byte stops in host memory on its way. Sending, it goes up the link and down
 * to the port, receiving as well, and is written and read on both ways:
 *
 *     B = min(0.75 L/2, M/(4 k))
 *
 * L link of one accelerator, M memory bandwidth of the node, k accelerators.
 * @source pci-express, nvidia-gpudirect-rdma
 */
function bounceRate({ cluster: { node } }: Question): BytesPerSecond | undefined {
  if (node.host === undefined) return undefined;
  const { link, memory = Number.POSITIVE_INFINITY } = node.host;
  return Math.min((link * reached) / 2, memory / (4 * node.acceleratorsPerNode));
}

/** The same link one generation down, or with half of its lanes. */
function halvedLink({ cluster: { node } }: Question): BytesPerSecond | undefined {
  return node.host === undefined ? undefined : (node.host.link * reached) / 2;
}

const portOf = ({ platform }: Question): BytesPerSecond => platform.scaleOut.port ?? platform.scaleOut.bandwidth;

function limits(question: Question, rate: BytesPerSecond | undefined): rate is BytesPerSecond {
  return crosses(question) && rate !== undefined && rate < portOf(question);
}

function limited(rateOf: (question: Question) => BytesPerSecond | undefined): Hypothesis["times"] {
  return (question, sizes) => {
    const platform = withPortLimit(question.platform, rateOf(question) ?? Number.POSITIVE_INFINITY);
    return sizes.map(({ size, healthy }) => faultyTime(question, size, { platform, algorithms: [healthy] }));
  };
}

/** Rates of ports for management, that sockets take where no better is named. */
const managementRates = [10, 25, 100];

export const hostPath: readonly Hypothesis[] = [
  {
    name: "direct-rdma-off",
    linkClass: "host path",
    label: "GPUDirect RDMA off: every byte to and from a port stops in host memory",
    test: "NCCL_DEBUG=INFO: ways end in /GDRDMA where it is on; lsmod shows nvidia_peermem; ACS is off on the switches",
    applies: (question) => limits(question, bounceRate(question)),
    times: limited(bounceRate),
    stated: ({ directRdma }) => directRdma === "off",
  },
  {
    name: "pcie-downgraded",
    linkClass: "host path",
    label: "PCIe of a port or an accelerator one generation down, or at half of its lanes",
    test: "lspci -vv on every node: LnkSta against LnkCap of ports and accelerators",
    applies: (question) => limits(question, halvedLink(question)),
    times: limited(halvedLink),
  },
  {
    name: "sockets",
    linkClass: "transport",
    label: "TCP sockets instead of RDMA, on the same ports",
    test: "NCCL_DEBUG=INFO: Using network Socket; NCCL_IB_DISABLE, NCCL_IB_HCA and the network plugin",
    applies: (question) => crosses(question) && question.cluster.fabric.transport !== "ethernet",
    times: (question, sizes) => {
      const platform = overSockets(withPortLimit(question.platform, bounceRate(question) ?? portOf(question)));
      return sizes.map(({ size, healthy }) => faultyTime(question, size, { platform, algorithms: [healthy] }));
    },
    stated: ({ network }) => network === "socket",
  },
  ...managementRates.map(
    (rate): Hypothesis => ({
      name: `management-port-${rate}`,
      linkClass: "transport",
      label: `all traffic of a node over one port of ${rate} Gbit/s by TCP (a management network)`,
      test: "NCCL_DEBUG=INFO: NET/Socket names the interface; set NCCL_SOCKET_IFNAME and NCCL_IB_HCA",
      applies: (question) => crosses(question) && gigabits(rate) < question.platform.scaleOut.nodeBandwidth,
      times: (question, sizes) => {
        const platform = overOnePort(question.platform, gigabits(rate));
        return sizes.map(({ size, healthy }) => faultyTime(question, size, { platform, algorithms: [healthy] }));
      },
      stated: ({ network }) => network === "socket",
    }),
  ),
];
