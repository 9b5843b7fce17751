/** Values of a serving design that a run depends on, by key of the scenario, so that two designs can be held against each other. */

import type { ServingDesign } from "../../../scenario/index.ts";
import { shapeOf } from "../../model.ts";
import { engineValues } from "./target.ts";

export function comparableServing(design: ServingDesign): ReadonlyMap<string, unknown> {
  const { pools, requests, slo, cache, router, admission, autoscaler, failures, disaggregation } = design;
  const [pool] = pools;
  const values = new Map<string, unknown>([
    ["workload.model", shapeOf(design.model)],
    ...requestValues(requests),
    ["workload.slo", slo.map(({ metric, statistic, most }) => `${metric}.${statistic} ${most} s`)],
    ["workload.sampling", design.sampling],
    ["seed", design.seed],
    ["serving.pools", pools.length > 1 ? pools.map(({ name }) => name) : "one"],
    ["serving.disaggregation", disaggregation === undefined ? "none" : "prefill and decode apart"],
    ["serving.cache", [...cache.tiers.map(({ medium }) => medium), `pin ${cache.pin}`, `peers ${cache.peers}`]],
    ["serving.admission", admission.policy],
    ["serving.autoscaler", autoscaler?.policy ?? "none"],
    ["serving.failures", failures.kind === "listed" && failures.list.length === 0 ? "none" : failures.kind],
  ]);
  if (pool === undefined) return values;
  const { replicas, layout, engine, engineName, host, steps } = pool;
  // One replica leaves a router nothing to choose.
  values.set("serving.router", replicas > 1 ? [router.policy, ...Object.values(router.options)] : "none");
  values.set("serving.engine.name", engineName);
  values.set("serving.engine.version", engine.version);
  values.set("serving.engine.host", host);
  values.set("serving.engine.steps", steps === undefined ? "predicted" : "tables");
  values.set("serving.engine.speculation", engine.speculation?.drafted ?? "none");
  values.set("serving.replicas", replicas);
  for (const key of ["attentionData", "expert"] as const) values.set(`serving.${key}`, layout[key]);
  for (const [key, value] of Object.entries(engineValues(pool))) values.set(key, value);
  values.set("serving.engine.cacheBlocks", engine.blocks);
  return values;
}

/** Requests in words and numbers, key by key. */
function requestValues(requests: ServingDesign["requests"]): readonly (readonly [key: string, value: unknown])[] {
  const key = (name: string): string => `workload.requests.${name}`;
  if (requests.source === "trace") return [[key("trace"), requests.file]];
  const { arrival, count, classes, prefix, session } = requests.spec;
  const law = arrival.kind === "open" ? words(arrival.law) : words(arrival);
  const stages =
    arrival.kind === "open" ? arrival.stages.map(({ rate, duration }) => `${rate} /s for ${duration} s`) : [];
  const [only] = classes;
  const several = classes.map(({ name, share }) => `${name} ${share}`);
  return [
    [key("arrivals"), [law, ...stages].join(", ")],
    [key("count"), String(count)],
    [key("input"), only === undefined ? "none" : words(only.input)],
    [key("output"), only === undefined ? "none" : words(only.output)],
    [key("classes"), several.length > 1 ? several : "one"],
    [key("timeout"), String(only?.timeout)],
    [key("adapters"), classes.flatMap(({ adapters }) => adapters).join(", ") || "none"],
    [key("prefix"), prefix === undefined ? "none" : `${words(prefix.tokens)} of ${prefix.groups}`],
    [key("session"), session === undefined ? "none" : words(session.turns)],
  ];
}

/** `lognormal median 665 sigma 0.7`. */
function words(value: object): string {
  return Object.entries(value)
    .map(([name, each]) =>
      name === "kind" ? String(each) : `${name} ${ArrayBuffer.isView(each) ? "data" : String(each)}`,
    )
    .join(" ");
}
