/** Machines of an engine: as many nodes of one kind as its replicas need, where neither the launch nor the user says. */

import { nodes as nodeTypes } from "../../catalog/index.ts";
import type { LaunchOptions } from "../format.ts";
import { assume, countOf, find, put, type Sheet } from "../sheet.ts";

const usual = "hgx-h100";

/** Writes `cluster`; the degrees of `serving` are on the sheet. */
export function placeMachines(sheet: Sheet, names: readonly string[], options: LaunchOptions): void {
  const name = options.node ?? usual;
  const type = nodeTypes.find(name);
  if (type === undefined) {
    sheet.problems.push(nodeTypes.unknown(name, "--node"));
    return;
  }
  if (options.node === undefined) {
    sheet.asked.push({ what: "the kind of node", option: "--node NAME", taken: `${usual} (${type.label})` });
    assume(sheet, "cluster.node", type.name, "a launch file does not name its machines; say --node");
  }
  put(sheet, "cluster.node", type.name);
  const setting = find(sheet, ...names);
  const stated = options.nodes ?? countOf(sheet, setting);
  const degree = (key: string): number => (sheet.values.get(`serving.${key}`) as number | undefined) ?? 1;
  const accelerators = ["replicas", "tensor", "pipeline", "attentionData"].map(degree).reduce((a, b) => a * b, 1);
  const few = Math.max(1, Math.ceil(accelerators / type.acceleratorsPerNode));
  put(sheet, "cluster.nodes", stated ?? few, setting);
  if (stated !== undefined) return;
  const reason = `${accelerators} accelerators of the degrees, ${type.acceleratorsPerNode} a node; say --nodes`;
  assume(sheet, "cluster.nodes", few, reason);
}
