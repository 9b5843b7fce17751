/** What is different from an earlier question: its recommendation, metrics, fields, and the parts of the time. */

import { differenceLeaves, termDifference } from "../../base/term-difference.ts";
import { choose, type Earlier } from "../../report/index.ts";
import { fieldChanges } from "../field-changes.ts";
import type { Asked } from "./read.ts";

const partsMost = 10;

export function earlierOf(before: Asked, now: Asked): Earlier {
  const old = before.options[choose(before.options, before.requirements, before.goal).index];
  const best = now.options[choose(now.options, now.requirements, now.goal).index];
  const [one, other] = [old?.prediction, best?.prediction];
  const names = [...new Set([...Object.keys(one?.metrics ?? {}), ...Object.keys(other?.metrics ?? {})])];
  const metrics = names
    .map((metric) => ({ metric, before: one?.metrics[metric], after: other?.metrics[metric] }))
    .filter(({ before: then, after }) => then !== after)
    .map(({ metric, before: then, after }) => ({
      metric,
      ...(then === undefined ? {} : { before: then }),
      ...(after === undefined ? {} : { after }),
    }));
  const alike = one !== undefined && other !== undefined && one.terms.name === other.terms.name;
  const parts = !alike
    ? []
    : differenceLeaves(termDifference(one.terms, other.terms))
        .filter(({ share }) => share !== 0)
        .sort((a, b) => Math.abs(b.share) - Math.abs(a.share))
        .slice(0, partsMost);
  return {
    name: before.title,
    recommended: old?.name ?? "nothing",
    fields: fieldChanges(old?.source?.raw, best?.source?.raw),
    metrics,
    parts: parts.map(({ label, share }) => ({ label, share })),
  };
}
