/** What learns, and what a step computes its loss on: adapters, frozen layers, preference pairs, references, teachers. */

import type { ModelArchitecture } from "../../catalog/model.ts";
import {
  type AdapterTuning,
  type AuxiliaryPass,
  adapterTargets,
  type FrozenFormat,
  type Layout,
  type Objective,
  type TrainingPrecision,
  type Tuning,
} from "../../training/index.ts";
import type { ObjectiveMethod, ObjectiveText, TrainingText, TuningText } from "../schema/workload.ts";
import { type Files, resolveModel } from "./model.ts";
import { emptyNotes, given, type Notes, problem } from "./notes.ts";

const path = "workload.tuning";

export function resolveTuning(
  workload: TrainingText,
  { precision, model }: { readonly precision: TrainingPrecision; readonly model: ModelArchitecture | undefined },
  notes: Notes,
): Tuning {
  const { tuning } = workload;
  if (tuning === undefined) {
    return { method: given<"full">(notes, path, undefined, "full", "not given; every weight learns") };
  }
  if (tuning === "full") return { method: "full" };
  const frozen = frozenLayers(tuning, model, notes);
  if (tuning.method === "lora") {
    rankProblem(tuning, model, notes);
    return resolveAdapters(tuning, precision, frozen, notes);
  }
  for (const key of ["rank", "targets", "base", "dropout", "exchange"] as const) {
    if (tuning[key] !== undefined) problem(notes, `${path}.${key}`, "has no effect with method: full", "remove it");
  }
  return { method: "full", ...frozen };
}

function frozenLayers(
  { frozenLayers: layers }: TuningText,
  model: ModelArchitecture | undefined,
  notes: Notes,
): { readonly frozenLayers?: number } {
  if (layers === undefined || layers === 0) return {};
  if (model !== undefined && layers >= model.layers.length) {
    const message = `${layers} frozen layers of a model that has ${model.layers.length}: nothing would learn`;
    problem(notes, `${path}.frozenLayers`, message, `at most ${model.layers.length - 1}`);
  }
  return { frozenLayers: layers };
}

function resolveAdapters(
  { rank, targets, base, dropout, exchange }: TuningText,
  precision: TrainingPrecision,
  frozen: { readonly frozenLayers?: number },
  notes: Notes,
): AdapterTuning {
  const twice = targets?.find((target, index) => targets.indexOf(target) !== index);
  if (twice !== undefined) problem(notes, `${path}.targets`, `"${twice}" is there twice`, "remove one of them");
  const chosen = given(notes, `${path}.rank`, rank, 16, "not given; a common rank of adapters");
  if (targets === undefined) {
    const reason = "not given; every projection, the default of current stacks";
    notes.assumptions.push({ path: `${path}.targets`, value: adapterTargets.join(", "), reason });
  }
  const stored = given<FrozenFormat>(notes, `${path}.base`, base, "bf16", "not given; frozen weights in 16 bit");
  baseProblem(stored, precision, notes);
  return {
    method: "lora",
    rank: chosen,
    targets: targets ?? adapterTargets,
    base: stored,
    dropout: given<"on" | "off">(notes, `${path}.dropout`, dropout, "off", "not given; the default of current stacks"),
    ...(exchange === undefined ? {} : { exchange }),
    ...frozen,
  };
}

/** Every projection has the hidden size on one side, and a matrix no rank above its smaller side. */
function rankProblem({ rank }: TuningText, model: ModelArchitecture | undefined, notes: Notes): void {
  if (rank === undefined || model === undefined || rank <= model.hidden) return;
  const message = `${rank} is more than the hidden size ${model.hidden} of the model: no projection has such a rank`;
  problem(notes, `${path}.rank`, message, "common ranks are 8 to 256; tuning: full trains every weight");
}

/** Recipes that a stored format works under: NF4 is unpacked to 16 bit; block-scaled recipes keep two 8-bit copies. */
function baseProblem(base: FrozenFormat, precision: TrainingPrecision, notes: Notes): void {
  if (base === "bf16") return;
  const wide = precision === "bf16" || precision === "fp16";
  if (wide || (base === "fp8" && precision.startsWith("fp8"))) return;
  const works = base === "nf4" ? "bf16 or fp16" : "bf16, fp16 or an fp8 recipe";
  problem(notes, `${path}.base`, `${base} does not go with precision: ${precision}`, `write precision: ${works}`);
}

/** What only matters once the layout is known: the exchange of adapters' outputs. */
export function resolveExchange(tuning: Tuning, layout: Layout, notes: Notes): void {
  if (tuning.method === "full") return;
  const sequence = layout.tensor > 1 && layout.sequenceParallel === "on";
  if (tuning.exchange !== undefined && !sequence) {
    problem(notes, `${path}.exchange`, "has no effect without sequence parallelism", "remove it");
  }
  if (sequence) {
    given(notes, `${path}.exchange`, tuning.exchange, "all-gather", "not given; the default of Megatron-Bridge");
  }
}

const objectivePath = "workload.objective";

/** Objectives over pairs of sequences, a chosen and a rejected one. */
const paired: readonly ObjectiveMethod[] = ["dpo", "orpo", "simpo", "reward"];
/** Objectives that compare with a reference model. */
const referring: readonly ObjectiveMethod[] = ["dpo", "kto"];

/** An objective with the number of sequences that one example of the batch has. */
export interface ResolvedObjective {
  readonly objective: Objective;
  readonly sequences: 1 | 2;
}

export function resolveObjective(
  workload: TrainingText,
  { tuning, model, files }: { readonly tuning: Tuning; readonly model: ModelArchitecture; readonly files: Files },
  notes: Notes,
): ResolvedObjective | undefined {
  const { objective: written } = workload;
  const text: ObjectiveText | undefined = typeof written === "string" ? { method: written } : written;
  if (text === undefined || text.method === "next-token") {
    uselessKeys(text, [], notes);
    return undefined;
  }
  const { method } = text;
  if (method === "ppo" || method === "grpo") throw new Error("refused by the support matrix");
  const sequences = paired.includes(method) ? 2 : 1;
  if (sequences === 2) {
    const reason = `${method} compares a chosen and a rejected sequence; globalBatch and microBatch count pairs`;
    notes.assumptions.push({ path: objectivePath, value: "two sequences an example", reason });
  }
  if ((workload.multiTokenPrediction ?? 0) > 0) {
    problem(notes, "workload.multiTokenPrediction", `has no loss with objective: ${method}`, "remove it");
  }
  const common = { method, head: method === "reward" ? "scalar" : "vocabulary" } as const;
  if (method === "distillation") {
    uselessKeys(text, ["teacher"], notes);
    const teacher = resolveTeacher(text, model, files, notes);
    return { objective: { ...common, passes: teacher === undefined ? [] : [teacher] }, sequences };
  }
  uselessKeys(text, referring.includes(method) ? ["reference"] : [], notes);
  const passes = referring.includes(method) ? referencePasses(text, tuning, model, notes) : [];
  return { objective: { ...common, passes }, sequences };
}

function uselessKeys(text: ObjectiveText | undefined, used: readonly string[], notes: Notes): void {
  for (const key of ["reference", "teacher"] as const) {
    if (text?.[key] === undefined || used.includes(key)) continue;
    problem(notes, `${objectivePath}.${key}`, `has no effect with method: ${text.method}`, "remove it");
  }
}

/**
 * DPO: the reference scores the step's sequences. KTO: it also scores completions of other prompts, as many, and so
 * does the trained model, both without gradients, for the divergence between them. Kept log-probabilities need no
 * reference.
 * @source rafailov-2023-dpo @source ethayarajh-2024-kto @source trl-preference
 */
function referencePasses(text: ObjectiveText, tuning: Tuning, model: ModelArchitecture, notes: Notes): AuxiliaryPass[] {
  const adapters = tuning.method === "lora";
  const reference = given(
    notes,
    `${objectivePath}.reference`,
    text.reference,
    adapters ? "adapter-off" : "resident",
    adapters ? "not given; the frozen model is the reference" : "not given; a copy of the model before tuning",
  );
  if (reference === "adapter-off" && !adapters) {
    const message = "adapter-off needs adapters to switch off";
    problem(notes, `${objectivePath}.reference`, message, "write resident or precomputed, or tuning: { method: lora }");
  }
  const kto = text.method === "kto";
  const passes: AuxiliaryPass[] = kto
    ? [{ name: "divergence", model, weights: "shared", adapters: adapters ? "on" : "off", share: 1 }]
    : [];
  if (reference === "precomputed") return passes;
  const weights = reference === "adapter-off" ? "shared" : "resident";
  return [{ name: "reference", model, weights, adapters: "off", share: kto ? 2 : 1 }, ...passes];
}

function resolveTeacher(
  { teacher }: ObjectiveText,
  model: ModelArchitecture,
  files: Files,
  notes: Notes,
): AuxiliaryPass | undefined {
  const at = `${objectivePath}.teacher`;
  if (teacher === undefined) {
    problem(notes, at, "distillation needs a teacher", "write a model, e.g. teacher: llama-3.1-70b");
    return undefined;
  }
  const own = emptyNotes();
  const found = resolveModel(teacher, files, own);
  const moved = (from: string): string => from.replace(/^workload\.model/, at);
  for (const entry of own.problems) notes.problems.push({ ...entry, path: moved(entry.path) });
  for (const entry of own.assumptions) notes.assumptions.push({ ...entry, path: moved(entry.path) });
  if (found === undefined) return undefined;
  if (found.vocabulary !== model.vocabulary) {
    const message = `${found.name} has ${found.vocabulary} tokens, ${model.name} ${model.vocabulary}: logits do not match`;
    problem(notes, at, message, "choose a teacher of the same vocabulary");
  }
  return { name: "teacher", model: found, weights: "resident", adapters: "off", share: 1 };
}

/** Whether the layout can run the passes: the teacher is cut as the student is. */
export function checkPasses({ passes }: Objective, layout: Layout, notes: Notes): void {
  const teacher = passes.find(({ name }) => name === "teacher");
  if (teacher === undefined) return;
  if (layout.pipeline > 1) {
    const message = "distillation with pipeline > 1: not modelled yet";
    problem(notes, "layout.pipeline", message, "the teacher's logits would be kept for every micro-batch; write 1");
  }
  for (const { mixer, feedForward } of teacher.model.layerKinds) {
    if (mixer.kind !== "none" && mixer.heads % layout.tensor !== 0) {
      problem(notes, "layout.tensor", `${layout.tensor} does not divide the teacher's ${mixer.heads} heads`);
    }
    if (feedForward.kind === "experts" && feedForward.experts % layout.expert !== 0) {
      problem(notes, "layout.expert", `${layout.expert} does not divide the teacher's ${feedForward.experts} experts`);
    }
  }
}
