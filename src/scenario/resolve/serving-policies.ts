/** Policies by name with their options: router, admission, autoscaler. */

import { type Dimension, formatQuantity, parseQuantity } from "../../base/quantity.ts";
import type { Registry } from "../../base/registry.ts";
import { suggestion } from "../../base/suggestion.ts";
import { admissionPolicies } from "../../serving/admission/index.ts";
import { routingPolicies } from "../../serving/routing/index.ts";
import type { Parameter, Parameters } from "../../serving/routing/parameter.ts";
import { scalingPolicies } from "../../serving/scaling/index.ts";
import { listed } from "../schema/fields.ts";
import type { ServingText } from "../schema/serving.ts";
import type { AutoscalerDesign, PolicyDesign, PoolDesign, RouterDesign } from "../serving/design.ts";
import { given, type Notes, problem } from "./notes.ts";
import { poolNamed } from "./serving-cache.ts";
import { replicasWithin } from "./serving-pools.ts";

interface PolicyEntry {
  readonly name: string;
  readonly parameters: Parameters;
}

interface PolicyText {
  readonly policy: string;
  readonly options?: Readonly<Record<string, number | string>>;
}

/** A policy of a registry, its options in SI; nothing where a problem stands in the way. */
export function resolvePolicy(
  written: PolicyText,
  path: string,
  policies: Registry<PolicyEntry>,
  notes: Notes,
): PolicyDesign | undefined {
  const entry = policies.find(written.policy);
  if (entry === undefined) {
    notes.problems.push(policies.unknown(written.policy, `${path}.policy`));
    return undefined;
  }
  const options: Record<string, number | string> = {};
  for (const [name, value] of Object.entries(written.options ?? {})) {
    const at = `${path}.options.${name}`;
    const parameter = entry.parameters[name];
    if (parameter === undefined) {
      const known = Object.keys(entry.parameters);
      const near = suggestion(name, known);
      const hint = near === undefined ? `known: ${known.join(", ") || "none"}` : `did you mean "${near}"?`;
      problem(notes, at, `${entry.name} has no option "${name}"`, hint);
      continue;
    }
    const read = optionValue(parameter, value, at, notes);
    if (read !== undefined) options[name] = read;
  }
  return { policy: entry.name, options };
}

/** What a number of each kind measures, in words of the language. */
const dimensions = {
  number: "ratio",
  count: "count",
  ratio: "ratio",
  duration: "seconds",
  rate: "perSecond",
} as const satisfies Record<Exclude<Parameter["kind"], "choice">, Dimension>;

function optionValue(
  parameter: Parameter,
  written: number | string,
  path: string,
  notes: Notes,
): number | string | undefined {
  if (parameter.kind === "choice") {
    if (parameter.words.some((word) => word === written)) return written;
    const near = suggestion(String(written), parameter.words);
    const hint = near === undefined ? parameter.description : `did you mean "${near}"?`;
    problem(notes, path, `found "${written}", expected ${listed(parameter.words)}`, hint);
    return undefined;
  }
  const parsed = parseQuantity(written, dimensions[parameter.kind]);
  if (!parsed.ok) {
    problem(notes, path, parsed.message, parsed.hint);
    return undefined;
  }
  const { above, atLeast = 0, atMost = Number.POSITIVE_INFINITY } = parameter;
  const { value } = parsed;
  if (value >= atLeast && value <= atMost && (above === undefined || value > above)) return value;
  const low = above === undefined ? `at least ${atLeast}` : `more than ${above}`;
  const high = atMost === Number.POSITIVE_INFINITY ? "" : `, at most ${atMost}`;
  problem(notes, path, `found ${written}, expected ${low}${high}`, parameter.description);
  return undefined;
}

/** What a scenario that names no policy is given. */
const usualRouter = "round-robin";

export function resolveRouter({ router }: ServingText, replicas: number, notes: Notes): RouterDesign | undefined {
  const path = "serving.router";
  // One replica leaves nothing to choose, and nothing to assume.
  const policy =
    replicas === 1 ? usualRouter : given(notes, `${path}.policy`, router?.policy, usualRouter, "not given");
  const found = resolvePolicy({ ...router, policy: router?.policy ?? policy }, path, routingPolicies, notes);
  const { signalDelay, scrapeInterval, eventDelay } = router ?? {};
  if (signalDelay !== undefined && scrapeInterval !== undefined && eventDelay !== undefined) {
    problem(notes, `${path}.signalDelay`, "has no effect beside scrapeInterval and eventDelay", "remove it");
  }
  const time = (key: "scrapeInterval" | "eventDelay" | "hop", what: string, short?: number): number => {
    const value = router?.[key];
    if (value === undefined && replicas > 1) {
      const reason = short === undefined ? `not given; ${what}` : "not given; as signalDelay";
      notes.assumptions.push({ path: `${path}.${key}`, value: formatQuantity(short ?? 0, "seconds"), reason });
    }
    return value ?? short ?? 0;
  };
  if (found === undefined) return undefined;
  return {
    ...found,
    scrapeInterval: time("scrapeInterval", "metrics are always up to date", signalDelay),
    eventDelay: time("eventDelay", "cache events arrive at once", signalDelay),
    hop: time("hop", "the router takes no time"),
  };
}

export function resolveAdmission({ admission }: ServingText, notes: Notes): PolicyDesign | undefined {
  return resolvePolicy(admission ?? { policy: "always" }, "serving.admission", admissionPolicies, notes);
}

/** Decisions are made as often as Kubernetes looks. @source kubernetes-hpa */
const usualInterval = 15;

export function resolveAutoscaler(
  { autoscaler }: ServingText,
  pools: readonly PoolDesign[],
  notes: Notes,
): AutoscalerDesign | undefined {
  if (autoscaler === undefined || autoscaler.policy === "none") return undefined;
  const path = "serving.autoscaler";
  const policy = resolvePolicy(autoscaler, path, scalingPolicies, notes);
  const pool = poolNamed(autoscaler.pool, pools, `${path}.pool`, notes);
  if (policy === undefined || pool === undefined) return undefined;
  const min = given(notes, `${path}.min`, autoscaler.min, 1, "not given");
  const { cluster, layout } = pool;
  const room = replicasWithin(cluster, cluster.accelerators, layout.accelerators);
  const max = given(notes, `${path}.max`, autoscaler.max, room, "not given; as many as the accelerators hold");
  if (min > max) problem(notes, `${path}.min`, `${min} is more than max, ${max}`);
  if (max > room) {
    problem(notes, `${path}.max`, `${max} replicas, and ${room} fit the accelerators`, `at most ${room}`);
  }
  const seconds = (key: "interval" | "provisioning" | "loading", fallback: number): number => {
    const value = autoscaler[key];
    if (value === undefined) {
      notes.assumptions.push({ path: `${path}.${key}`, value: `${fallback} s`, reason: "not given" });
    }
    return value ?? fallback;
  };
  const interval = seconds("interval", usualInterval);
  const provisioning = seconds("provisioning", 0);
  return { ...policy, pool: pool.name, min, max, interval, provisioning, loading: seconds("loading", 0) };
}
