/**
 * The size of the vocabulary: stated, or that of a tokenizer that has only one. Programs round it up to whole shards;
 * that padding is left out.
 * @source megatron-arguments
 */

import { findModel, models } from "../../catalog/index.ts";
import { countOf, type Setting, type Sheet } from "../sheet.ts";

/** Tokenizers of one size, by the word of Megatron and NeMo. */
const tokenizers: Readonly<Record<string, number>> = {
  gpt2bpetokenizer: 50257,
  llama2tokenizer: 32000,
};

export interface Vocabulary {
  readonly vocabulary: number | undefined;
  /** The model that the tokenizer belongs to, if its name says so. */
  readonly hint: string | undefined;
}

/** `take` reads a setting of the model by its names. */
export function vocabularyOf(sheet: Sheet, take: (...names: readonly string[]) => Setting | undefined): Vocabulary {
  const stated = countOf(sheet, take("vocab-size", "padded-vocab-size", "model.vocab_size", "tokenizer.vocab_size"));
  const type = take("tokenizer-type", "tokenizer.tokenizer_type", "model.tokenizer.type", "tokenizer.type");
  const file = take("tokenizer-model", "tokenizer.tokenizer_model", "model.tokenizer.model", "model.hf_model_id");
  const names = [file, type].flatMap((setting) =>
    setting?.missing === undefined && setting !== undefined ? [setting.text] : [],
  );
  const hint = names.map(modelName).find((name) => name !== undefined);
  if (stated !== undefined) return { vocabulary: stated, hint };
  const known = type === undefined ? undefined : tokenizers[type.text.toLowerCase()];
  // Where no tokenizer is named, GPT-2's files are one.
  const files = type === undefined ? take("vocab-file", "merge-file") : undefined;
  const gpt2 = files === undefined ? undefined : tokenizers.gpt2bpetokenizer;
  const found = hint === undefined ? undefined : findModel(hint);
  return { vocabulary: (found?.ok ? found.model.vocabulary : undefined) ?? known ?? gpt2, hint };
}

/** The catalog model of a tokenizer's name or path: `meta-llama/Meta-Llama-3.1-70B`, `…/hf/Qwen3-32B`. */
export function modelName(text: string): string | undefined {
  const pieces = text.replace(/\/+$/, "").split("/");
  for (const name of [text, pieces.slice(-2).join("/"), pieces.at(-1) ?? ""]) {
    const found = models.find(name);
    if (found !== undefined) return found.name;
  }
  return undefined;
}
