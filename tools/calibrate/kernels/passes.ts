/** Elementwise kernels: Vidur's per-operator medians of four models on A100 and two on H100. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import type { Accelerator } from "../../../src/catalog/accelerator.ts";
import type { PassKind, PassSet, QuantizeCoefficients } from "../../../src/catalog/calibration/kernels.ts";
import type { Observation, Parameter } from "./fit.ts";
import { fitCoefficients, summarize, thinned } from "./fit.ts";

interface Pass {
  readonly bytes: number;
  readonly model: number;
}

const operators: Readonly<Record<PassKind, readonly string[]>> = {
  stream: ["add"],
  norm: ["input_layernorm", "post_attention_layernorm"],
  activation: ["mlp_act"],
  rotary: ["attn_rope"],
};

/** Bytes that an operator must move in 16 bits: inputs read once, outputs written once. */
function bytesOf(kind: PassKind, row: Readonly<Record<string, string>>): number {
  const cell = (name: string): number => Number(row[name]);
  const hidden = cell("n_embd");
  const ranks = cell("num_tensor_parallel_workers");
  const elements = {
    stream: 3 * hidden,
    norm: 2 * hidden,
    activation: (3 * cell("n_expanded_embd")) / ranks,
    rotary: ((2 * hidden) / ranks) * (1 + cell("n_kv_head") / cell("n_head")),
  }[kind];
  return 2 * cell("num_tokens") * elements;
}

function observationsOf(folder: string, kind: PassKind): Observation<Pass>[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name, model) => {
      const text = gunzipSync(readFileSync(join(folder, name, "mlp.csv.gz")));
      const rows: Record<string, string>[] = parse(text, { columns: true });
      return rows.flatMap((row) =>
        operators[kind].flatMap((operator) => {
          const time = Number(row[`time_stats.${operator}.median`]) * 1e-3;
          return Number.isFinite(time) && time > 0 ? [{ shape: { bytes: bytesOf(kind, row), model }, time }] : [];
        }),
      );
    });
}

const parameters: readonly Parameter[] = [
  { low: 0.3e-6, high: 10e-6, start: 2e-6, scale: "log" },
  // An in-place add keeps part of its operands in L2, so cap what memory itself can give.
  { low: 0.1, high: 0.92, start: 0.6, scale: "linear" },
];

/** One set per kind; held out: every second model. */
export function fitPasses(shared: string, accelerator: Accelerator, gpu: string): readonly PassSet[] {
  const folder = join(shared, "data/kernels/vidur/compute", gpu, "meta-llama");
  const kinds: readonly PassKind[] = ["stream", "norm", "activation", "rotary"];
  return kinds.map((kind) => {
    const observations = observationsOf(folder, kind);
    const fitted = observations.filter(({ shape }) => shape.model % 2 === 0);
    const heldOut = observations.filter(({ shape }) => shape.model % 2 === 1);
    const predict = (c: QuantizeCoefficients, { bytes }: Pass): number =>
      c.start + bytes / (accelerator.memory.bandwidth * c.memory);
    // Small passes are all constant; the large ones are what a training step pays.
    const sample = thinned(fitted, 2500).map((one) => ({ ...one, weight: one.shape.bytes > 30e6 ? 3 : 1 }));
    const { coefficients } = fitCoefficients({
      parameters,
      observations: sample,
      predict: ([start = 0, memory = 1], shape) => predict({ start, memory }, shape),
    });
    const [start = 0, memory = 1] = coefficients;
    const final = { start, memory };
    return {
      kind,
      coefficients: final,
      provenance: {
        accelerator: accelerator.name,
        generation: accelerator.generation,
        library: "vidur",
        version: "2024",
        source: "vidur-profiles",
        range: "1..32768 tokens (H100: 4096), fp16, held out: every second model",
        rowsFitted: fitted.length,
        fitted: summarize(fitted, (shape) => predict(final, shape)),
        heldOut: summarize(heldOut, (shape) => predict(final, shape)),
        heldOutLarge: summarize(
          heldOut.filter(({ shape }) => shape.bytes > 30e6),
          (shape) => predict(final, shape),
        ),
      },
    };
  });
}
