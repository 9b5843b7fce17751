/**
 * Tests of the links of one accelerator by nvbandwidth: to its host, and to its peers in a switched scale-up domain. Nothing
 * public says what share of a datasheet's rate sound links copy at, so the threshold is what a broken one cannot reach: a
 * link that trained at half of its width or of its generation moves half of its peak at most.
 * @source nvbandwidth
 */

import type { BytesPerSecond } from "../base/quantity.ts";
import type { Draft, Drafts } from "./draft.ts";
import type { Machines } from "./machines.ts";
import type { Limit, SpecifiedTest } from "./specification.ts";

const half = 0.5;
const mebibytes = 1024;

export function linkTests({ cluster: { node, nodes }, pool }: Machines): Drafts {
  const { accelerator, acceleratorsPerNode, scaleUp, host, sources } = node;
  const suffix = pool === undefined ? "" : `-${pool}`;
  if (accelerator.vendor.toLowerCase() !== "nvidia") {
    return { drafts: [], notCovered: [`links of ${accelerator.label}: nvbandwidth is for NVIDIA accelerators`] };
  }
  const id = `LINK${suffix}`;
  const text = "The links of each accelerator run at their full width and generation.";
  const common = { requirement: id, kind: "link", scope: "node", logs: nodes } as const;
  const hostTest = (peak: BytesPerSecond): SpecifiedTest => ({
    ...common,
    id: `${id}-HOST`,
    title: `Copies between the host and each of ${acceleratorsPerNode} accelerators of a node`,
    command: commandOf(["host_to_device_memcpy_ce", "device_to_host_memcpy_ce"], "host"),
    match: { program: "nvbandwidth", link: "host" },
    limits: [
      limitOf("hostToDeviceBandwidth", peak, ["nvbandwidth", ...sources]),
      limitOf("deviceToHostBandwidth", peak, ["nvbandwidth", ...sources]),
    ],
  });
  const peerTest: SpecifiedTest = {
    ...common,
    id: `${id}-PEER`,
    title: `Copies between each pair of ${acceleratorsPerNode} accelerators of a node; the slowest of each counts`,
    command: commandOf(["device_to_device_memcpy_read_ce", "device_to_device_memcpy_write_ce"], "peer"),
    match: { program: "nvbandwidth", link: "peer" },
    limits: [
      limitOf("peerReadBandwidth", scaleUp.bandwidth, ["nvbandwidth", ...sources]),
      limitOf("peerWriteBandwidth", scaleUp.bandwidth, ["nvbandwidth", ...sources]),
    ],
  };
  const switched = scaleUp.topology === "switch" && acceleratorsPerNode > 1;
  const tests = [...(host === undefined ? [] : [hostTest(host.link)]), ...(switched ? [peerTest] : [])];
  const draft: Draft = { requirement: { id, text, verification: "test" }, tests };
  return {
    drafts: tests.length === 0 ? [] : [draft],
    notCovered: [
      ...(host === undefined ? [`links of ${node.label} to its host: no public source states their rate`] : []),
      ...(switched ? [] : [`links between accelerators of ${node.label}: no switch gives each pair the whole rate`]),
    ],
  };
}

function commandOf(cases: readonly string[], name: string): string {
  return `./nvbandwidth -t ${cases.join(" ")} -b ${mebibytes} -j | tee nvbandwidth.${name}.$(hostname).json`;
}

function limitOf(metric: string, peak: BytesPerSecond, sources: readonly string[]): Limit {
  return {
    metric,
    unit: "B/s",
    direction: "at-least",
    predicted: peak,
    threshold: half * peak,
    trust: "given",
    formula: "the datasheet's rate of the link, one direction; copies stay below it",
    reason: "half of the datasheet's rate: more than a link at half of its width or generation can move",
    sources: [...new Set(sources)],
  };
}
