/** Names that a scenario uses and the catalog does not know, on the value as written. */

import type { Problem } from "../../base/problem.ts";
import type { Registry } from "../../base/registry.ts";
import { accelerators, fabrics, nodes } from "../../catalog/index.ts";
import { models } from "../../catalog/models/index.ts";
import { software } from "../software.ts";
import { isObject } from "./structure.ts";

type Names = Pick<Registry<unknown>, "find" | "unknown">;

/** True where a model is written as a path to a config.json rather than as a catalog name. */
export function isModelPath(model: string): boolean {
  return /\.json$/i.test(model) || /^(\.{0,2}\/|[A-Za-z]:[\\/])/.test(model);
}

/** Problems of unknown names, each with the nearest known one. */
export function namesProblems(written: unknown): Problem[] {
  if (!isObject(written)) return [];
  const cluster = isObject(written.cluster) ? written.cluster : {};
  const pools = Array.isArray(cluster.pools) ? (cluster.pools as unknown[]) : [];
  const model = isObject(written.workload) ? written.workload.model : undefined;
  return [
    ...nodeProblems("cluster.node", cluster.node),
    ...pools.flatMap((pool, index) =>
      nodeProblems(`cluster.pools[${index}].node`, isObject(pool) ? pool.node : undefined),
    ),
    ...reference("cluster.fabric", cluster.fabric, fabrics),
    ...reference("software", written.software, software),
    ...(typeof model === "string" && isModelPath(model) ? [] : reference("workload.model", model, models)),
  ];
}

function nodeProblems(path: string, node: unknown): Problem[] {
  const accelerator = isObject(node) ? reference(`${path}.accelerator`, node.accelerator, accelerators) : [];
  return [...reference(path, node, nodes), ...accelerator];
}

/** A name, or the `extends` of an inline object. */
function reference(path: string, value: unknown, names: Names): Problem[] {
  if (isObject(value)) return value.extends === undefined ? [] : reference(`${path}.extends`, value.extends, names);
  if (typeof value !== "string" || value === "" || names.find(value) !== undefined) return [];
  return [names.unknown(value, path)];
}
