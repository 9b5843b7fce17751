/** Routed experts in Megatron's words: dispatcher, capacity, overlaps, and whether their loads are forced to be even. */

import { dispatchMultiprocessors, type SoftwareProfile } from "../../training/index.ts";
import {
  assume,
  bareName,
  complain,
  countOf,
  credit,
  find,
  put,
  realOf,
  type Sheet,
  truthOf,
  wordOf,
} from "../sheet.ts";
import { named } from "./rows.ts";

/** Writes dispatcher, routing, overlap and loads; only a model with experts has them. */
export function placeExperts(sheet: Sheet, usual: SoftwareProfile["dispatcher"] | undefined): void {
  const dispatcher = placeDispatcher(sheet) ?? usual;
  if (dispatcher !== undefined && !sheet.values.has("software.dispatcher"))
    put(sheet, "software.dispatcher", dispatcher);
  placeMultiprocessors(sheet, dispatcher);
  placeCapacity(sheet);
  const shared = find(sheet, ...named("moe-shared-expert-overlap", "model"));
  const under = truthOf(sheet, shared);
  if (under !== undefined) put(sheet, "software.overlap.sharedExpert", under, shared);
  const forced = find(sheet, ...named("moe-router-force-load-balancing", "model"));
  if (truthOf(sheet, forced) === "on") {
    put(sheet, "workload.routing", "balanced", forced);
    put(sheet, "software.expertImbalance", 1, forced);
    return;
  }
  credit(sheet, forced, "workload.routing");
  const reason = "loads of experts are not forced to be even, but taken so; routing: natural spreads them";
  assume(sheet, "workload.routing", "balanced", reason);
}

/** Without experts nothing of them has an effect. */
export function idleExperts(sheet: Sheet): void {
  for (const setting of sheet.settings) {
    if (/(^|\.)(moe-|overlap-moe-)/.test(bareName(setting.name)) && !sheet.reads.has(setting))
      sheet.idle.set(setting, "the model has no experts");
  }
}

const dispatchers: Readonly<Record<string, SoftwareProfile["dispatcher"]>> = {
  deepep: "deepep",
  hybridep: "hybridep",
};

function placeDispatcher(sheet: Sheet): SoftwareProfile["dispatcher"] | undefined {
  const key = "software.dispatcher";
  const type = find(sheet, ...named("moe-token-dispatcher-type", "model"));
  const backend = find(sheet, ...named("moe-flex-dispatcher-backend", "model"));
  const deep = find(sheet, ...named("moe-enable-deepep", "model"));
  const word = wordOf(sheet, type)?.toLowerCase();
  if (word === "flex") {
    const name = wordOf(sheet, backend)?.toLowerCase() ?? "deepep";
    const found = dispatchers[name];
    if (found === undefined)
      complain(sheet, backend, `found "${name}", expected ${Object.keys(dispatchers).join(", ")}`);
    else put(sheet, key, found, type, backend, deep);
    return found;
  }
  if (backend !== undefined) sheet.idle.set(backend, "for the flexible dispatcher only");
  const plain = word?.startsWith("alltoall") ? "all-to-all" : word === "allgather" ? "all-gather" : undefined;
  const found = truthOf(sheet, deep) === "on" ? "deepep" : plain;
  if (found !== undefined) put(sheet, key, found, type, deep);
  return found;
}

/** What DeepEP's copies take in Megatron-Core where nothing is said. @source megatron-arguments */
const deepMultiprocessors = 20;

function placeMultiprocessors(sheet: Sheet, dispatcher: SoftwareProfile["dispatcher"] | undefined): void {
  const key = "software.dispatchMultiprocessors";
  for (const name of ["deepep", "hybridep"] as const) {
    const setting = find(sheet, ...named(`moe-${name}-num-sms`, "model"));
    if (name !== dispatcher) {
      if (setting !== undefined) sheet.idle.set(setting, `the dispatcher is ${dispatcher ?? "another"}`);
      continue;
    }
    const usual = name === "deepep" ? deepMultiprocessors : dispatchMultiprocessors({ dispatcher });
    const taken = setting === undefined ? usual : countOf(sheet, setting);
    if (taken === undefined) continue;
    put(sheet, key, taken, setting);
    if (setting === undefined) assume(sheet, key, taken, "not given: the default of Megatron-Core");
  }
}

function placeCapacity(sheet: Sheet): void {
  const capacity = find(sheet, ...named("moe-expert-capacity-factor", "model"));
  const padded = find(sheet, ...named("moe-pad-expert-input-to-capacity", "model"));
  const factor = realOf(sheet, capacity);
  const limited = factor !== undefined && factor > 0;
  put(sheet, "software.routing", limited ? "capacity" : "dropless", capacity, padded);
  if (limited) put(sheet, "software.capacityFactor", factor, capacity);
}
