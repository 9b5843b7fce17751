/**
 * The space of a layout search, in families: degrees, micro-batch, schedule. Members of a family differ in what is
 * recomputed, sharded and offloaded.
 */

import type { LayoutText, OpenKey, UnlaidTraining } from "../../scenario/index.ts";
import { numberOf, valuesOf } from "./values.ts";

export type Text = Readonly<Record<string, unknown>>;

export interface Family {
  readonly text: Text;
  /** Same degrees inside a stage and same micro-batch: what one layer computes is the same. */
  readonly degrees: string;
}

/** In the order in which later values depend on earlier ones. */
const degreeKeys = ["tensor", "sequenceParallel", "context", "pipeline"] as const satisfies readonly OpenKey[];
const innerKeys = ["expert", "expertTensor", "microBatch"] as const satisfies readonly OpenKey[];
const orderKeys = ["schedule", "virtualStages"] as const satisfies readonly OpenKey[];
const memberKeys = [
  "recompute",
  "recomputeLayers",
  "sharding",
  "optimizerOffload",
  "weightOffload",
  "activationOffload",
] as const satisfies readonly OpenKey[];

/** All families whose degrees multiply to the accelerators and divide the batch. */
export function familiesOf(written: LayoutText, unlaid: UnlaidTraining): readonly Family[] {
  const { open: _, ...fixed } = written;
  const tensors = splittable(written, unlaid);
  const found: Family[] = [];
  const dense = extended([fixed], degreeKeys, written, unlaid).filter(({ tensor }) => tensors.has(numberOf(tensor)));
  for (const start of dense) {
    const data = dataOf(start, written, unlaid);
    if (data === undefined) continue;
    const known = { ...start, data };
    for (const inner of extended([known], innerKeys, written, unlaid)) {
      if (!divides(inner, unlaid)) continue;
      for (const text of extended([inner], orderKeys, written, unlaid)) {
        if (orders(text, unlaid)) found.push({ text, degrees: degreesOf(text) });
      }
    }
  }
  return found;
}

/** Members of a family, those that are likely fast first. */
export function membersOf({ text }: Family, written: LayoutText, unlaid: UnlaidTraining): readonly Text[] {
  return extended([text], memberKeys, written, unlaid).filter((member) => {
    return (
      member.recomputeLayers === undefined || member.recompute === "full" || written.open?.recomputeLayers === undefined
    );
  });
}

function extended(
  start: readonly Text[],
  keys: readonly OpenKey[],
  written: LayoutText,
  unlaid: UnlaidTraining,
): readonly Text[] {
  return keys.reduce<readonly Text[]>(
    (texts, key) =>
      texts.flatMap((text) =>
        valuesOf(key, written, unlaid, text).map(
          (value): Text => (value === undefined ? text : { ...text, [key]: value }),
        ),
      ),
    start,
  );
}

/** Tensor degrees that the model's heads and widths allow. */
function splittable(written: LayoutText, unlaid: UnlaidTraining): ReadonlySet<number> {
  const all = valuesOf("tensor", written, unlaid, {}).map(numberOf);
  return new Set(
    all.filter((tensor) => {
      const laid = unlaid.lay({ tensor });
      return !("problems" in laid) || !laid.problems.some(ofTensor);
    }),
  );
}

/** Heads and widths that do not divide; that degrees do not multiply is said elsewhere. */
function ofTensor({ path, message }: { readonly path: string; readonly message: string }): boolean {
  return path === "layout.tensor" && !message.includes("accelerators");
}

function dataOf(text: Text, written: LayoutText, { case: { cluster } }: UnlaidTraining): number | undefined {
  const data = cluster.accelerators / (numberOf(text.tensor) * numberOf(text.context) * numberOf(text.pipeline));
  if (!Number.isInteger(data)) return undefined;
  const { data: open } = written.open ?? {};
  const allowed = Array.isArray(open) ? open : written.data === undefined ? undefined : [written.data];
  return allowed === undefined || allowed.includes(data) ? data : undefined;
}

function divides(text: Text, unlaid: UnlaidTraining): boolean {
  const data = numberOf(text.data);
  const stage = numberOf(text.tensor) * numberOf(text.context) * data;
  const experts = numberOf(text.expert) * numberOf(text.expertTensor);
  return unlaid.batch % (data * numberOf(text.microBatch)) === 0 && stage % experts === 0;
}

/** Whether chunks and schedule go together; the rest of what a schedule asks for is looked at with each member. */
function orders(text: Text, unlaid: UnlaidTraining): boolean {
  const { schedule, virtualStages, pipeline, data, microBatch } = text;
  const chunks = numberOf(virtualStages);
  if (schedule === "interleaved" && chunks === 1 && virtualStages !== undefined) return false;
  if (chunks === 1 || (schedule !== undefined && schedule !== "interleaved")) return true;
  const count = unlaid.batch / (numberOf(data) * numberOf(microBatch));
  return count % numberOf(pipeline) === 0;
}

function degreesOf({ tensor, sequenceParallel, context, expert, expertTensor, microBatch }: Text): string {
  return [tensor, sequenceParallel, context, expert, expertTensor, microBatch].join(",");
}
