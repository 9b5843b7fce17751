/**
 * Ports, their cables and leaves. The library gives every rail the same share and does not look again, so the slowest
 * rail sets the pace of all: one rail at half of its rate has the curve of all rails at half of it.
 */

import { log } from "../../../base/math.ts";
import type { Seconds } from "../../../base/quantity.ts";
import type { Platform } from "../../../network/index.ts";
import { withFewerPorts, withPorts } from "../faults.ts";
import { domainsOf, faultyTime, type Question } from "../question.ts";
import type { Hypothesis, SizeAsked } from "./hypothesis.ts";

const crosses = (question: Question): boolean => domainsOf(question) > 1;
const ports = ({ cluster }: Question): number => cluster.node.nics.count;

/** The fault is invisible to the library: it chooses as if all were well. */
function unseen(change: (platform: Platform, question: Question) => Platform): Hypothesis["times"] {
  return (question, sizes: readonly SizeAsked[]) => {
    const platform = change(question.platform, question);
    return sizes.map(({ size, healthy }) => faultyTime(question, size, { platform, algorithms: [healthy] }));
  };
}

function portTimes(question: Question, sizes: readonly SizeAsked[], share: number): readonly Seconds[] {
  return unseen((platform) => withPorts(platform, share))(question, sizes);
}

/** Rates of a slow rail that are tried. */
const shares: readonly number[] = Array.from({ length: 19 }, (_, index) => (index + 1) / 20);

/** The rate of the slowest rail that comes nearest to the log, within its noise. */
function slowShare(question: Question, sizes: readonly SizeAsked[]): number {
  const distances = shares.map((share) =>
    portTimes(question, sizes, share).reduce((sum, time, index) => {
      const { measured = time, width = 1 } = sizes[index] ?? {};
      const off = log(time / measured) / width;
      return sum + off * off;
    }, 0),
  );
  return shares[distances.indexOf(Math.min(...distances))] ?? 1;
}

const perRail =
  "sendrecv_perf between two nodes with NCCL_IB_HCA set to one port at a time: the slow rail stands out alone";

export const rails: readonly Hypothesis[] = [
  {
    name: "rail-half-rate",
    linkClass: "rail",
    label: "one slow rail: a port, its cable or its leaf at half of its rate holds up all rails",
    test: `${perRail}; then all_reduce_perf on pairs of nodes, to find whose port it is`,
    applies: (question) => crosses(question) && ports(question) > 1,
    times: unseen((platform) => withPorts(platform, 1 / 2)),
  },
  {
    name: "rail-slow",
    linkClass: "rail",
    label: "one slow rail: a port, its cable or its leaf holds up all rails",
    described: (question, sizes) => {
      const share = Math.round(slowShare(question, sizes) * 100);
      return `one slow rail: a port, its cable or its leaf at about ${share} % of its rate holds up all rails`;
    },
    free: 1,
    test: perRail,
    applies: (question) => crosses(question) && ports(question) > 1,
    times: (question, sizes) => portTimes(question, sizes, slowShare(question, sizes)),
  },
  {
    name: "port-missing",
    linkClass: "rail",
    label: "one port of a node is missing, the others carry its traffic",
    test: "ibdev2netdev or ibv_devinfo on every node: count the ports that are up; NCCL_DEBUG=INFO lists those used",
    applies: (question) => crosses(question) && ports(question) > 1,
    times: unseen((platform, question) => withFewerPorts(platform, 1 - 1 / ports(question))),
  },
  {
    name: "ports-half",
    linkClass: "network ports",
    label: "half of the ports unused, or every port at half of its rate",
    test: "NCCL_DEBUG=INFO lists the ports in use (NET/IB: Using ...); sendrecv_perf on each port alone gives its rate",
    applies: crosses,
    times: unseen((platform) => withPorts(platform, 1 / 2)),
  },
  {
    name: "cross-rail",
    linkClass: "fabric",
    label: "traffic between rails or leaves that share oversubscribed uplinks (misrouted rails, PXN off)",
    test: "the same test on nodes of one leaf; all_reduce_perf with NCCL_CROSS_NIC=0; ranks in the order of the nodes",
    applies: (question) => crosses(question) && worst(question) > 1,
    times: unseen((platform, question) => withPorts(platform, 1 / worst(question))),
  },
];

/** Capacity below over capacity above, all boundaries together. */
function worst({ cluster }: Question): number {
  return cluster.fabric.oversubscription.reduce((product, own) => product * own, 1);
}
