/**
 * Vision towers of multimodal files. The text model leaves them out; weight memory of a checkpoint served whole
 * needs them.
 *
 *     block = 4 h² + 4 h + 2 h f + f + h + 4 h   (vision transformer with biases and two norms)
 *
 * @source transformers-models
 */

import type { ModelArchitecture } from "../../model.ts";
import type { Fields } from "./reader.ts";

type Vision = NonNullable<ModelArchitecture["vision"]>;

/** The tower beside a text model of this class, if there is one. */
export function readVision(root: Fields, modelType: string): Vision | null {
  const section = root.section("vision_config");
  if (!section) {
    return modelType === "llama4_text" ? readLlama4Tower(null, root) : null;
  }
  if (modelType.startsWith("qwen3_5")) return readQwenTower(section);
  if (modelType === "llama4_text") return readLlama4Tower(section, root);
  if (section.value("vt_hidden_size") !== undefined) return readKimiTower(section);
  if (modelType === "gemma4_text") return underivable("pooler and position table", "about 0.55 B");
  return underivable("structure", "an unknown number of");
}

/** One line that says what the text model leaves out. */
export function visionAssumption(vision: Vision): string {
  const size =
    vision.parameters === "not-derivable" ? vision.note : `${(vision.parameters / billion).toFixed(3)} B parameters`;
  return `left out: vision tower (field vision_config), ${size}, runs once per image`;
}

const billion = 10 ** 9;

function underivable(what: string, published: string): Vision {
  return { parameters: "not-derivable", note: `not derivable: ${what}; ${published} parameters` };
}

function blockParameters(hidden: number, width: number): number {
  return 4 * hidden * hidden + 4 * hidden + 2 * hidden * width + width + hidden + 4 * hidden;
}

/** Two-layer merger over M = h x merge² inputs behind a norm. */
function mergerParameters(hidden: number, merge: number, out: number): number {
  const merged = hidden * merge * merge;
  return 2 * hidden + merged * merged + merged + merged * out + out;
}

function readQwenTower(section: Fields): Vision {
  const hidden = section.integer("hidden_size");
  const depth = section.integer("depth", undefined, { max: 1000 });
  const width = section.integer("intermediate_size");
  const patch = section.integer("patch_size");
  const frames = section.integer("temporal_patch_size");
  const positions = section.integer("num_position_embeddings");
  const merge = section.integer("spatial_merge_size");
  const out = section.integer("out_hidden_size");
  const patches = 3 * frames * patch * patch * hidden + hidden;
  const parameters =
    depth * blockParameters(hidden, width) + patches + positions * hidden + mergerParameters(hidden, merge, out);
  return { parameters, note: "equal to the published checkpoint" };
}

/** Llama 4; trimmed files carry no fields, the vendor's defaults stand in. */
function readLlama4Tower(section: Fields | null, root: Fields): Vision {
  if (section === null) root.warn("field vision_config absent: the vendor's vision tower of Llama 4 assumed");
  const size = (name: string, fallback: number): number => section?.integer(name, fallback) ?? fallback;
  const hidden = size("hidden_size", 1408);
  const width = size("intermediate_size", 5632);
  const depth = section?.integer("num_hidden_layers", 34, { max: 1000 }) ?? 34;
  const patch = size("patch_size", 14);
  const side = Math.floor(size("image_size", 336) / patch);
  const positions = side * side + 1;
  const projectorIn = size("projector_input_dim", 4096);
  const projectorOut = size("projector_output_dim", 4096);
  const text = 5120;
  const embedding = (3 * patch * patch + 1 + positions + 4) * hidden;
  const adapter = width * projectorIn + projectorIn * projectorOut + projectorOut * text;
  return {
    parameters: depth * blockParameters(hidden, width) + embedding + adapter,
    note: "equal to the published checkpoint",
  };
}

/** Kimi K2.5 by the same block; the projector of K3 is not known. */
function readKimiTower(section: Fields): Vision {
  const projector = section.text("mm_projector_type") ?? "";
  if (projector !== "patchmerger") return underivable(`projector ${projector}`, "an unknown number of");
  const hidden = section.integer("vt_hidden_size");
  const width = section.integer("vt_intermediate_size");
  const depth = section.integer("vt_num_hidden_layers", undefined, { max: 1000 });
  const patch = section.integer("patch_size");
  const positions = section.integer("init_pos_emb_height") * section.integer("init_pos_emb_width");
  const merge = section.integers("merge_kernel_size")?.[0] ?? 2;
  const out = section.integer("text_hidden_size");
  const patches = 3 * patch * patch * hidden + hidden;
  const parameters =
    depth * blockParameters(hidden, width) + patches + positions * hidden + mergerParameters(hidden, merge, out);
  return { parameters, note: "by the block of a biased vision transformer (unverified)" };
}
