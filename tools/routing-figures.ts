/** What is promised of llm-d's routing experiment: order of the policies, and the right side of one second. */

import type { Line, Replayed } from "../src/evidence/index.ts";
import type { Figure } from "./evidence-figures.ts";

type Policy = "precise" | "estimated" | "load" | "random";

const policies: readonly Policy[] = ["precise", "estimated", "load", "random"];

/** Stages in which the order is promised, by their rate, and from which precise beats estimated. */
const ordered = { from: 20, precise: 30 };

/** Time to first token that decides a cell. */
const wanted = 1;

interface Cell {
  readonly rate: number;
  readonly policy: Policy;
  readonly first: Line;
  readonly tokens: Line;
}

export function routingFigures(replayed: readonly Replayed[]): readonly Figure[] {
  const cells = policies.flatMap((policy) => cellsOf(policy, replayed));
  if (cells.length === 0) return [];
  const rates = [...new Set(cells.map(({ rate }) => rate))].sort((a, b) => a - b);
  const pairs = rates.filter((rate) => rate >= ordered.from).flatMap((rate) => orders(rate, cells));
  const right = pairs.filter(({ ok }) => ok).length;
  const sides = cells.filter(({ first }) => isBelow(first.predicted) === isBelow(first.measured));
  const share = sides.length / cells.length;
  const wrong = cells.filter((cell) => !sides.includes(cell)).map(({ policy, rate }) => `${policy} ${rate}`);
  const missed = pairs.filter(({ ok }) => !ok).map(({ name }) => name);
  return [
    {
      name: "routing: prefix policies beat the others, precise beats estimated",
      value: `${right} of ${pairs.length} comparisons${missed.length > 0 ? `; not ${missed.join(", ")}` : ""}`,
      limit: "all",
      ok: right === pairs.length,
    },
    {
      name: "routing: 90th percentile on the right side of 1 s",
      value: `${sides.length} of ${cells.length} cells${wrong.length > 0 ? `; not ${wrong.join(", ")}` : ""}`,
      limit: ">= 90 %",
      ok: share >= 0.9,
    },
    {
      name: "routing: output tokens per second",
      value: `worst ${(100 * Math.max(...cells.map(({ tokens }) => Math.abs(tokens.error ?? 1)))).toFixed(0)} %`,
    },
  ];
}

function isBelow(value: number | null): boolean {
  return value !== null && value <= wanted;
}

function cellsOf(policy: Policy, replayed: readonly Replayed[]): readonly Cell[] {
  const found = replayed.find(({ record }) => record.id === `llmd-routing73-${policy}-scheduling`);
  if (found === undefined) return [];
  const requests = found.record.workload.requests as { readonly stages: readonly { readonly rate: string }[] };
  return found.lines.flatMap((first) => {
    const stage = Number(first.at?.stage);
    const tokens = found.lines.find((line) => line.metric === "outputTokensPerSecond" && line.at?.stage === stage);
    if (first.metric !== "timeToFirstToken.p90" || tokens === undefined) return [];
    return [{ rate: Number.parseFloat(requests.stages[stage]?.rate ?? ""), policy, first, tokens }];
  });
}

/** Comparisons of one rate: the better has the lower time and the higher throughput. */
function orders(rate: number, cells: readonly Cell[]): readonly { readonly name: string; readonly ok: boolean }[] {
  const of = (policy: Policy): Cell | undefined => cells.find((cell) => cell.policy === policy && cell.rate === rate);
  const wantedPairs: (readonly [Policy, Policy])[] = [
    ["precise", "load"],
    ["precise", "random"],
    ["estimated", "load"],
    ["estimated", "random"],
    ...(rate >= ordered.precise ? ([["precise", "estimated"]] as const) : []),
  ];
  return wantedPairs.flatMap(([better, worse]) => {
    const [a, b] = [of(better), of(worse)];
    if (a === undefined || b === undefined) return [];
    const sooner = (a.first.predicted ?? Number.NaN) < (b.first.predicted ?? Number.NaN);
    const more = (a.tokens.predicted ?? Number.NaN) > (b.tokens.predicted ?? Number.NaN);
    return [
      { name: `${better} before ${worse} in first tokens at ${rate}`, ok: sooner },
      { name: `${better} before ${worse} in throughput at ${rate}`, ok: more },
    ];
  });
}
