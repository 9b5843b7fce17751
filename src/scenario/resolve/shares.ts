/**
 * The entries of `layout.pools`: what each pool of the cluster does, pipeline stages or data-parallel replicas, and whether
 * layers or batch are split evenly or balanced.
 */

import { suggestion } from "../../base/suggestion.ts";
import type { LayoutText, PoolShareText } from "../schema/layout.ts";
import { given, type Notes, problem } from "./notes.ts";
import type { NamedCluster } from "./pools.ts";

/** How the entries of `layout.pools` spread the job. */
export interface Shares {
  readonly by: "pipeline" | "data";
  readonly balance: "even" | "balanced";
  /** In the order of the layout. */
  readonly shares: readonly { readonly text: PoolShareText; readonly pool: NamedCluster; readonly degree: number }[];
}

/** The shares of a layout, each pool once; nothing where something is wrong with them. */
export function resolveShares(
  written: LayoutText,
  pools: readonly NamedCluster[] | undefined,
  notes: Notes,
): Shares | undefined {
  if (pools === undefined) {
    for (const key of ["pools", "balance"] as const) {
      if (written[key] === undefined) continue;
      problem(
        notes,
        `layout.${key}`,
        "has no effect on one kind of node",
        "remove it, or give cluster.pools two and more",
      );
    }
    return undefined;
  }
  const names = pools.map(({ name }) => name);
  if (written.pools === undefined) {
    const example = names.map((name) => `{ pool: ${name}, stages: 2 }`).join(", ");
    const message = `missing; expected what each of the ${names.length} pools does`;
    problem(notes, "layout.pools", message, `e.g. pools: [${example}], or data: in place of stages:`);
    return undefined;
  }
  const before = notes.problems.length;
  const by = written.pools.some(({ stages }) => stages !== undefined) ? "pipeline" : "data";
  const shares = written.pools.flatMap((text, index) => {
    const pool = shareProblems(text, { index, by, pools, written: written.pools ?? [] }, notes);
    return pool === undefined ? [] : [{ text, pool, degree: (by === "pipeline" ? text.stages : text.data) ?? 1 }];
  });
  for (const name of names.filter((known) => !written.pools?.some(({ pool }) => pool === known))) {
    problem(
      notes,
      "layout.pools",
      `pool "${name}" does nothing`,
      "give it stages or data, or remove it from the cluster",
    );
  }
  const balance = balanceOf(written, by, notes);
  return notes.problems.length === before ? { by, balance, shares } : undefined;
}

interface ShareContext {
  readonly index: number;
  readonly by: "pipeline" | "data";
  readonly pools: readonly NamedCluster[];
  readonly written: readonly PoolShareText[];
}

function shareProblems(text: PoolShareText, context: ShareContext, notes: Notes): NamedCluster | undefined {
  const { index, by, pools, written } = context;
  const path = `layout.pools[${index}]`;
  const pool = pools.find(({ name }) => name === text.pool);
  if (pool === undefined) {
    const names = pools.map(({ name }) => name);
    const near = suggestion(text.pool, names);
    const hint = near === undefined ? `pools: ${names.join(", ")}` : `did you mean "${near}"?`;
    problem(notes, `${path}.pool`, `unknown pool "${text.pool}"`, hint);
  } else if (written.findIndex((other) => other.pool === text.pool) !== index) {
    problem(notes, `${path}.pool`, `"${text.pool}" is there twice`, "write each pool once");
  }
  const [key, other] = by === "pipeline" ? (["stages", "data"] as const) : (["data", "stages"] as const);
  if (text[key] === undefined) {
    problem(notes, path, `no ${key}; expected stages of every pool, or data of every pool`, "spread the job one way");
  }
  if (text[other] !== undefined || (by === "pipeline" && text.sequences !== undefined)) {
    const extra = text[other] === undefined ? "sequences" : other;
    problem(notes, `${path}.${extra}`, "has no place beside stages: every stage sees the whole batch", "remove it");
  }
  return pool;
}

function balanceOf(written: LayoutText, by: Shares["by"], notes: Notes): Shares["balance"] {
  const said = by === "pipeline" ? written.stageLayers !== undefined : written.pools?.some((own) => own.sequences);
  const what = by === "pipeline" ? "stageLayers" : "sequences";
  if (said && written.balance !== undefined) {
    problem(notes, "layout.balance", `has no effect beside ${what}`, `remove balance, or ${what}`);
  }
  if (said) return "even";
  return given(
    notes,
    "layout.balance",
    written.balance,
    "even",
    "not given; what a stack does that is told nothing else",
  );
}

/** The layout with the degree that the shares add up to. */
export function sharedLayout(written: LayoutText, { by, shares }: Shares, notes: Notes): LayoutText {
  const key = by;
  const sum = shares.reduce((total, { degree }) => total + degree, 0);
  const unit = by === "pipeline" ? "stages" : "replicas";
  if (written[key] !== undefined && written[key] !== sum) {
    const message = `the pools' ${unit} add up to ${sum}, but ${key} is ${written[key]}`;
    problem(notes, "layout.pools", message, `leave ${key} out, or change the pools`);
  }
  if (written[key] === undefined) {
    notes.assumptions.push({ path: `layout.${key}`, value: String(sum), reason: `derived: the ${unit} of all pools` });
  }
  return { ...written, [key]: sum };
}
