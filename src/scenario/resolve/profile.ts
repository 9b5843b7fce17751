/** The calibration profile that a collective scenario names: read, and held against its machines. */

import type { Cluster } from "../../catalog/cluster.ts";
import { nodes } from "../../catalog/index.ts";
import { type Profile, parseProfile } from "../../network/index.ts";
import type { Files } from "./model.ts";
import { type Notes, problem } from "./notes.ts";

const path = "workload.calibration";

/** The profile of a file whose text was given; nothing after a problem. */
export function resolveProfile(
  file: string | undefined,
  { files, cluster }: { readonly files: Files; readonly cluster: Cluster | undefined },
  notes: Notes,
): Profile | undefined {
  if (file === undefined) return undefined;
  const text = files[file];
  if (text === undefined) {
    problem(notes, path, `the text of "${file}" was not given`, "pass it with the scenario");
    return undefined;
  }
  const parsed = parseProfile(text, file);
  if (!("curves" in parsed)) {
    for (const { path: at, message, hint } of parsed)
      problem(notes, path, `${at}: ${message}`, hint ?? "make it again");
    return undefined;
  }
  if (cluster !== undefined) checkMachines(parsed, cluster, notes);
  return parsed;
}

/** Curves of other machines say nothing of these. */
function checkMachines({ name, node: measured }: Profile, { node }: Cluster, notes: Notes): void {
  if (nodes.find(measured)?.accelerator.generation === node.accelerator.generation) return;
  const message = `${name} was measured on ${measured}, the cluster has ${node.name}`;
  problem(notes, path, message, "a profile of the same machines");
}
