/** `catalog`: what is known, with sources. */

import { z } from "zod";
import { ProblemError } from "../base/problem.ts";
import { formatQuantity } from "../base/quantity.ts";
import type { Registry } from "../base/registry.ts";
import { suggestion } from "../base/suggestion.ts";
import { accelerators, fabrics, nodes, rentalPrice, type Source, sources } from "../catalog/index.ts";
import { countParameters, findModel, models } from "../catalog/models/index.ts";
import { software } from "../scenario/index.ts";
import { admissionPolicies } from "../serving/admission/index.ts";
import { routingPolicies } from "../serving/routing/index.ts";
import { scalingPolicies } from "../serving/scaling/index.ts";
import { requestFormats } from "../workload/request/reader/index.ts";
import { field, type Operation } from "./operation.ts";

export interface CatalogInput {
  readonly kind?: string;
  readonly name?: string;
}

/** One entry: its values, and the sources that it names. */
export interface CatalogEntry {
  readonly kind: string;
  readonly name: string;
  readonly entry: object;
  readonly sources: Readonly<Record<string, Source>>;
}

export type CatalogOutput =
  | { readonly kinds: readonly { readonly kind: string; readonly count: number; readonly summary: string }[] }
  | { readonly kind: string; readonly entries: readonly { readonly name: string; readonly label: string }[] }
  | CatalogEntry;

interface Shelf {
  readonly summary: string;
  readonly names: () => readonly string[];
  readonly label: (name: string) => string;
  readonly find: (name: string) => object | undefined;
  /** Name under which the entry is listed. */
  readonly canonical: (name: string) => string;
  /** The known name nearest to one that is not. */
  readonly suggestion: (name: string) => string | undefined;
}

const shelves: Readonly<Record<string, Shelf>> = {
  accelerator: {
    ...shelf("accelerators: dense peaks, memory, links, power", accelerators),
    find: (name) => withPrice(name),
  },
  node: shelf("servers and racks: accelerators, scale-up network, ports", nodes),
  fabric: shelf("networks between nodes", fabrics),
  model: {
    ...shelf("model architectures, with counted parameters", models),
    label: modelLabel,
    find: (name) => {
      const found = findModel(name);
      return found.ok ? { parameters: countParameters(found.model), ...found.model } : undefined;
    },
  },
  software: shelf("training stacks, name@version: which overlaps and kernels they have", software),
  router: policies("policies that give requests to replicas", routingPolicies),
  autoscaler: policies("policies that start and stop replicas", scalingPolicies),
  admission: policies("policies that let requests in", admissionPolicies),
  trace: policies("formats of recorded requests", requestFormats),
  source: {
    summary: "where the numbers come from",
    names: () => Object.keys(sources),
    label: (key) => sources[key]?.title ?? "",
    find: (key) => sources[key],
    canonical: (key) => key,
    suggestion: (key) => suggestion(key, Object.keys(sources)),
  },
};

function shelf(summary: string, registry: Registry<object>): Shelf {
  return {
    summary,
    names: () => registry.names,
    label: (name) => (registry.find(name) as { readonly label?: string } | undefined)?.label ?? "",
    find: registry.find,
    canonical: (name) => registry.names[registry.entries.indexOf(registry.get(name))] ?? name,
    suggestion: registry.suggestion,
  };
}

/** Policies say what they are in one sentence; what they are made with is no part of an entry. */
function policies(summary: string, registry: Registry<{ readonly name: string; readonly summary: string }>): Shelf {
  const find = (name: string): object | undefined => {
    const entry = registry.find(name);
    if (entry === undefined) return undefined;
    return Object.fromEntries(Object.entries(entry).filter(([, value]) => typeof value !== "function"));
  };
  return { ...shelf(summary, registry), label: (name) => registry.find(name)?.summary ?? "", find };
}

/** `671G parameters, 37.6G active`. */
function modelLabel(name: string): string {
  const found = findModel(name);
  if (!found.ok) return "";
  const { total, active } = countParameters(found.model);
  const count = (value: number): string => formatQuantity(value, "count");
  return active === total ? `${count(total)} parameters` : `${count(total)} parameters, ${count(active)} active`;
}

function withPrice(name: string): object | undefined {
  const accelerator = accelerators.find(name);
  if (accelerator === undefined) return undefined;
  return { ...accelerator, rentalPrice: rentalPrice(accelerator.name) };
}

export const catalogOperation: Operation<CatalogInput, CatalogOutput> = {
  name: "catalog",
  summary: "Print what is known of hardware, models, software and policies, with sources.",
  input: z.strictObject({
    kind: field(z.string().min(1).exactOptional(), {
      description: `kind of entry: ${Object.keys(shelves).join(", ")}`,
      as: "argument",
    }),
    name: field(z.string().min(1).exactOptional(), { description: "name or alias of one entry", as: "argument" }),
  }),
  examples: [
    { command: "windtunnel catalog", does: "the kinds" },
    { command: "windtunnel catalog node", does: "all nodes" },
    { command: "windtunnel catalog accelerator h100-sxm", does: "one entry with its sources" },
  ],
  async run({ kind, name }) {
    if (kind === undefined) {
      return {
        kinds: Object.entries(shelves).map(([each, { names, summary }]) => ({
          kind: each,
          count: names().length,
          summary,
        })),
      };
    }
    const [chosen, entries] = shelfOf(kind);
    if (name === undefined) {
      return { kind: chosen, entries: entries.names().map((each) => ({ name: each, label: entries.label(each) })) };
    }
    return entryOf(chosen, name, entries);
  },
};

/** A kind in singular or plural. */
function shelfOf(kind: string): [string, Shelf] {
  const wanted = kind.toLowerCase();
  const found = Object.entries(shelves).find(([name]) => name === wanted || `${name}s` === wanted);
  if (found !== undefined) return found;
  const known = Object.keys(shelves);
  const near = suggestion(wanted, known);
  const hint = near === undefined ? `kinds: ${known.join(", ")}` : `did you mean "${near}"?`;
  throw new ProblemError([{ path: "kind", message: `unknown kind "${kind}"`, hint }]);
}

function entryOf(kind: string, name: string, entries: Shelf): CatalogEntry {
  const entry = entries.find(name);
  if (entry === undefined) {
    const near = entries.suggestion(name);
    const hint = near === undefined ? `windtunnel catalog ${kind} lists all` : `did you mean "${near}"?`;
    throw new ProblemError([{ path: "name", message: `unknown ${kind} "${name}"`, hint }]);
  }
  const keys = sourceKeys(entry);
  const cited = keys.flatMap((key) => {
    const source = sources[key];
    return source === undefined ? [] : [[key, source] as const];
  });
  return { kind, name: entries.canonical(name), entry, sources: Object.fromEntries(cited) };
}

/** Keys under `source` or `sources` anywhere in an entry. */
function sourceKeys(value: unknown): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap(sourceKeys))];
  if (typeof value !== "object" || value === null) return [];
  const keys = Object.entries(value).flatMap(([key, below]) => {
    if (key === "source" && typeof below === "string") return [below];
    if (key === "sources" && Array.isArray(below)) return below.filter((each) => typeof each === "string");
    return sourceKeys(below);
  });
  return [...new Set(keys)];
}
