/** The pipeline in Megatron's words: chunks of a rank, uneven stages, and which activations are computed again. */

import { accountedStages, endsAreUsual, megatronModules, parseStageText } from "../../training/index.ts";
import { assume, complain, countOf, credit, find, put, type Setting, type Sheet, truthOf, wordOf } from "../sheet.ts";
import { named } from "./rows.ts";

/** Writes virtualStages, schedule and stageLayers; `layers` are those of the model. */
export function placeStages(sheet: Sheet, layers: number | undefined): void {
  const pipeline = (sheet.values.get("layout.pipeline") as number | undefined) ?? 1;
  const written = find(sheet, ...named("pipeline-model-parallel-layout", "model"));
  if (written !== undefined && placeWritten(sheet, written, pipeline)) return;
  const chunks = chunksOf(sheet, pipeline, layers);
  put(sheet, "layout.virtualStages", chunks.count, chunks.from);
  put(sheet, "layout.schedule", chunks.count > 1 ? "interleaved" : "1f1b");
  const split = unevenStages(sheet, pipeline * chunks.count, layers);
  if (split !== undefined) put(sheet, "layout.stageLayers", split.stages, ...split.from);
}

/** `Et*3|(tt|)*29m|L`: true where it was read. */
function placeWritten(sheet: Sheet, setting: Setting, pipeline: number): boolean {
  const text = wordOf(sheet, setting);
  if (text === undefined) return true;
  const read = parseStageText(text);
  const stages = "layers" in read ? read.layers.length : undefined;
  if (!("layers" in read) || read.layers.length % pipeline !== 0) {
    const found =
      "layers" in read ? `${stages} stages over pipeline ${pipeline}` : `it cannot be read: ${read.message}`;
    complain(sheet, setting, `pipeline layout "${text}": ${found}`, "expected stages such as Et*3|(tt|)*29m|L");
    return true;
  }
  const count = read.layers.length / pipeline;
  put(sheet, "layout.virtualStages", count, setting);
  put(sheet, "layout.schedule", count > 1 ? "interleaved" : "1f1b");
  // Layers say all of it, unless embedding, loss or MTP modules sit elsewhere than on the ends.
  const usual = endsAreUsual(read.ends, read.layers.length);
  if (pipeline > 1) put(sheet, "layout.stageLayers", usual ? read.layers : text, setting);
  return true;
}

interface Chunks {
  readonly count: number;
  readonly from: Setting | undefined;
}

function chunksOf(sheet: Sheet, pipeline: number, layers: number | undefined): Chunks {
  const stated = find(
    sheet,
    "num-virtual-stages-per-pipeline-rank",
    ...named("virtual-pipeline-model-parallel-size", "model"),
  );
  const count = countOf(sheet, stated);
  if (count !== undefined) {
    if (count > 1 && pipeline === 1) {
      assume(sheet, "layout.virtualStages", 1, `${stated?.name} ${count} has no effect without a pipeline`);
      credit(sheet, stated, "layout.virtualStages");
      return { count: 1, from: stated };
    }
    return { count, from: stated };
  }
  const perChunk = find(sheet, "num-layers-per-virtual-pipeline-stage");
  const each = countOf(sheet, perChunk);
  if (each === undefined || layers === undefined) return { count: 1, from: perChunk };
  const chunks = layers / (pipeline * each);
  if (Number.isInteger(chunks)) return { count: chunks, from: perChunk };
  const message = `${layers} layers are not pipeline ${pipeline} x a whole number of chunks of ${each}`;
  complain(sheet, perChunk, message, "its value must divide the layers of a pipeline rank");
  return { count: 1, from: perChunk };
}

interface Split {
  readonly stages: readonly number[];
  readonly from: readonly (Setting | undefined)[];
}

/** Fewer layers on the first or last stage: stated, or because embedding and loss count as a layer each. */
function unevenStages(sheet: Sheet, stages: number, layers: number | undefined): Split | undefined {
  if (layers === undefined || stages === 1) return undefined;
  const embedding = find(sheet, ...named("account-for-embedding-in-pipeline-split", "model"));
  const loss = find(sheet, ...named("account-for-loss-in-pipeline-split", "model"));
  const both = truthOf(sheet, embedding) === "on" && truthOf(sheet, loss) === "on";
  for (const setting of [embedding, loss]) credit(sheet, setting, "layout.stageLayers");
  const accounted = both ? accountedStages(layers, stages) : undefined;
  if (accounted !== undefined) return { stages: accounted, from: [embedding, loss] };
  const first = find(sheet, "decoder-first-pipeline-num-layers", "model.num_layers_in_first_pipeline_stage");
  const last = find(sheet, "decoder-last-pipeline-num-layers", "model.num_layers_in_last_pipeline_stage");
  if (first === undefined && last === undefined) return undefined;
  const [head, tail] = [countOf(sheet, first, 0), countOf(sheet, last, 0)];
  const between = stages - (head === undefined ? 0 : 1) - (tail === undefined ? 0 : 1);
  const each = (layers - (head ?? 0) - (tail ?? 0)) / between;
  if (!Number.isInteger(each) || between < 1) {
    const message = `${layers} layers less ${head ?? 0} and ${tail ?? 0} do not spread over ${between} stages`;
    complain(sheet, first ?? last, message, "layers between the first and the last stage must divide by their number");
    return undefined;
  }
  const middle = Array.from({ length: between }, () => each);
  const ends = { head: head === undefined ? [] : [head], tail: tail === undefined ? [] : [tail] };
  return { stages: [...ends.head, ...middle, ...ends.tail], from: [first, last] };
}

/** Writes contextInner: the first of two degrees is the part that exchanges heads. */
export function placeContext(sheet: Sheet): void {
  const exchange = sheet.values.get("software.contextExchange");
  const context = Number(sheet.values.get("layout.context") ?? 1);
  const sizes = find(sheet, ...named("hierarchical-context-parallel-sizes", "model"));
  if (exchange !== "hierarchical" || context === 1) {
    if (sizes !== undefined) sheet.idle.set(sizes, "for cp-comm-type a2a+p2p only");
    return;
  }
  const counts = (Array.isArray(sizes?.value) ? sizes.value : (sizes?.text ?? "").split(/[\s,]+/)).map(Number);
  const [inner = 0, outer = 0] = counts;
  if (sizes === undefined || counts.length !== 2 || inner * outer !== context) {
    const found = sizes === undefined ? "hierarchical-context-parallel-sizes is missing" : `found "${sizes.text}"`;
    complain(sheet, sizes, `${found}, expected two degrees whose product is the context-parallel size ${context}`);
    return;
  }
  put(sheet, "layout.contextInner", inner, sizes);
}

/** Writes recompute and recomputeLayers. */
export function placeRecompute(sheet: Sheet): void {
  const key = "layout.recompute";
  const granularity = find(
    sheet,
    ...named("recompute-granularity", "model"),
    "model.activations_checkpoint_granularity",
    "activations-checkpoint-granularity",
  );
  const selective = find(sheet, "recompute-activations");
  const older = find(sheet, "checkpoint-activations", "activations-checkpoint-method");
  const word = wordOf(sheet, granularity)?.toLowerCase();
  if (word === "selective" || (word === undefined && truthOf(sheet, selective) === "on")) {
    placeModules(sheet, granularity ?? selective);
  } else if (word === "full" || (granularity === undefined && older !== undefined)) {
    put(sheet, key, "full", granularity ?? older);
    placeBlock(sheet);
  } else if (word === undefined || word === "none") put(sheet, key, "none", granularity);
  else complain(sheet, granularity, `found "${word}", expected full or selective`);
}

function placeModules(sheet: Sheet, from: Setting | undefined): void {
  const listed = find(sheet, ...named("recompute-modules", "model"));
  // A stage that computes no layer again, whatever the granularity says.
  const layers = find(sheet, "model.activations_checkpoint_num_layers");
  if (layers !== undefined) credit(sheet, layers, "layout.recompute");
  if (listed === undefined) {
    put(sheet, "layout.recompute", "selective", from);
    return;
  }
  const words = (Array.isArray(listed.value) ? listed.value.map(String) : listed.text.split(/[\s,]+/)).filter(
    (each) => each !== "",
  );
  const modules = words.flatMap((word) => megatronModules[word] ?? []);
  const unknown = words.filter((word) => megatronModules[word] === undefined);
  if (unknown.length > 0) {
    assume(sheet, "layout.recompute", unknown.join(", "), "modules without a counterpart in the language: left out");
  }
  const only = modules.length === 1 && modules[0] === "attention-core";
  put(sheet, "layout.recompute", only ? "selective" : modules.length === 0 ? "none" : modules, from, listed);
}

/** `block`: so many layers of each stage; `uniform`: all of them, in groups. */
function placeBlock(sheet: Sheet): void {
  const method = find(sheet, ...named("recompute-method", "model"), "model.activations_checkpoint_method");
  const layers = find(sheet, ...named("recompute-num-layers", "model"), "model.activations_checkpoint_num_layers");
  const count = countOf(sheet, layers, 0);
  credit(sheet, method, "layout.recompute");
  if (count === undefined) return;
  if (wordOf(sheet, method) === "block") {
    if (count === 0) put(sheet, "layout.recompute", "none", layers);
    else put(sheet, "layout.recomputeLayers", count, layers, method);
    return;
  }
  credit(sheet, layers, "layout.recompute");
  if (count > 1) {
    const reason = `layers are computed again in groups of ${count}; counted one by one, which keeps more inputs`;
    assume(sheet, "layout.recompute", "full", reason);
  }
}
