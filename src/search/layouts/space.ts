/**
 * The space of a layout search. Layouts of the same degrees inside a stage and the same micro-batch are a group: what a
 * layer computes is the same. In it, a family has one pipeline and one schedule; its members differ in what is
 * recomputed, sharded and offloaded, those of a class in what is offloaded only.
 */

import type { LayoutText, OpenKey, UnlaidTraining } from "../../scenario/index.ts";
import { numberOf, valuesOf } from "./values.ts";

export type Text = Readonly<Record<string, unknown>>;

export interface Space {
  readonly groups: readonly Group[];
  readonly size: number;
  /** Members of every family with this pipeline. */
  classesOf(stem: Text): readonly MemberClass[];
  /** Families of a stem: its schedules, with their chunks. */
  familiesOf(stem: Text): readonly Text[];
}

/** Degrees and micro-batch, and the pipelines that go with them. */
export interface Group {
  readonly stems: readonly Text[];
  readonly size: number;
}

/** Members as what is added to their family's text. */
export interface MemberClass {
  /** The member that offloads nothing that is open; it need not be one of them. */
  readonly base: Text;
  readonly members: readonly Text[];
}

/** In the order in which later values depend on earlier ones. */
const degreeKeys = ["tensor", "sequenceParallel", "context", "pipeline"] as const satisfies readonly OpenKey[];
const innerKeys = ["expert", "expertTensor", "microBatch"] as const satisfies readonly OpenKey[];
const orderKeys = ["schedule", "virtualStages"] as const satisfies readonly OpenKey[];
const classKeys = ["recompute", "recomputeLayers", "sharding"] as const satisfies readonly OpenKey[];
const offloadKeys = ["optimizerOffload", "weightOffload", "activationOffload"] as const satisfies readonly OpenKey[];

/** All layouts whose degrees multiply to the accelerators and divide the batch. */
export function spaceOf(written: LayoutText, unlaid: UnlaidTraining): Space {
  const classesOf = byKey(
    ({ pipeline }) => String(pipeline),
    (stem) => classes(stem, written, unlaid),
  );
  const ordersOf = byKey(
    (stem) => `${stem.pipeline},${inGroups(stem, unlaid)}`,
    (stem) => orders(stem, written, unlaid),
  );
  const sizeOf = (stem: Text): number =>
    ordersOf(stem).length * classesOf(stem).reduce((sum, { members }) => sum + members.length, 0);
  const groups = groupsOf(written, unlaid).map((stems) => {
    return { stems, size: stems.reduce((sum, stem) => sum + sizeOf(stem), 0) };
  });
  return {
    groups,
    size: groups.reduce((sum, { size }) => sum + size, 0),
    classesOf,
    familiesOf: (stem) => ordersOf(stem).map((order) => ({ ...stem, ...order })),
  };
}

function byKey<Value>(keyOf: (stem: Text) => string, make: (stem: Text) => Value): (stem: Text) => Value {
  const known = new Map<string, Value>();
  return (stem) => {
    const key = keyOf(stem);
    const found = known.get(key) ?? make(stem);
    known.set(key, found);
    return found;
  };
}

/** Every layout of a space as text. */
export function* everyLayout(space: Space): Generator<Text> {
  for (const { stems } of space.groups) {
    for (const stem of stems) {
      for (const family of space.familiesOf(stem)) {
        for (const { members } of space.classesOf(stem)) {
          for (const member of members) yield { ...family, ...member };
        }
      }
    }
  }
}

function groupsOf(written: LayoutText, unlaid: UnlaidTraining): readonly (readonly Text[])[] {
  const { open: _, ...fixed } = written;
  const tensors = splittable(written, unlaid);
  const groups = new Map<string, Text[]>();
  const dense = extended([fixed], degreeKeys, written, unlaid).filter(({ tensor }) => tensors.has(numberOf(tensor)));
  for (const start of dense) {
    const data = dataOf(start, written, unlaid);
    if (data === undefined) continue;
    for (const stem of extended([{ ...start, data }], innerKeys, written, unlaid)) {
      if (!divides(stem, unlaid)) continue;
      const key = degreesOf(stem);
      const known = groups.get(key);
      if (known === undefined) groups.set(key, [stem]);
      else known.push(stem);
    }
  }
  return [...groups.values()];
}

/** Schedules with their chunks, as what is added to a stem. */
function orders(stem: Text, written: LayoutText, unlaid: UnlaidTraining): readonly Text[] {
  return extended([stem], orderKeys, written, unlaid)
    .filter((text) => goTogether(text, unlaid))
    .map((text) => added(text, orderKeys));
}

/** Members by class, those that are likely fast first. */
function classes(stem: Text, written: LayoutText, unlaid: UnlaidTraining): readonly MemberClass[] {
  const opened = offloadKeys.filter((key) => written.open?.[key] !== undefined);
  return extended([stem], classKeys, written, unlaid)
    .filter(({ recompute, recomputeLayers }) => {
      return recomputeLayers === undefined || recompute === "full" || written.open?.recomputeLayers === undefined;
    })
    .map((text) => {
      const base = added(text, classKeys);
      const members = extended([text], offloadKeys, written, unlaid).map((member) => {
        return { ...base, ...added(member, opened) };
      });
      return { base, members };
    });
}

function added(text: Text, keys: readonly OpenKey[]): Text {
  return Object.fromEntries(keys.filter((key) => text[key] !== undefined).map((key) => [key, text[key]]));
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

/** Whether the micro-batches of a step come in whole groups of the pipeline's ranks. */
function inGroups({ pipeline, data, microBatch }: Text, unlaid: UnlaidTraining): boolean {
  return (unlaid.batch / (numberOf(data) * numberOf(microBatch))) % numberOf(pipeline) === 0;
}

/** Whether chunks and schedule go together; the rest of what a schedule asks for is looked at with each member. */
function goTogether(text: Text, unlaid: UnlaidTraining): boolean {
  const { schedule, virtualStages } = text;
  const chunks = numberOf(virtualStages);
  if (schedule === "interleaved" && chunks === 1 && virtualStages !== undefined) return false;
  return chunks === 1 || (schedule !== undefined && schedule !== "interleaved") || inGroups(text, unlaid);
}

function degreesOf({ tensor, sequenceParallel, context, expert, expertTensor, microBatch }: Text): string {
  return [tensor, sequenceParallel, context, expert, expertTensor, microBatch].join(",");
}
