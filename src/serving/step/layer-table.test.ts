import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hasShared, sharedFile } from "../../../test/shared.ts";
import { checkTerm } from "../../base/term.ts";
import { Batch } from "./batch.ts";
import { layerTableStepTime } from "./layer-table.ts";

const tables = {
  dense:
    "layer,tokens,time_us\nqkv_proj,1,10\nqkv_proj,100,20\nlayernorm,1,1\nlayernorm,100,2\nembedding,1,4\nembedding,100,4",
  perSequence: "layer,sequences,time_us\nlm_head,1,50\nlm_head,10,59",
  attention:
    "prefill_chunk,kv_prefill,n_decode,kv_decode,time_us\n0,0,1,100,5\n0,0,1,200,7\n0,0,2,100,6\n0,0,2,200,12\n64,0,0,0,8\n64,64,0,0,10\n64,0,1,100,11\n64,64,1,100,13",
};

function decodes(...contexts: readonly number[]): Batch {
  const batch = new Batch();
  for (const context of contexts) batch.addDecode(1, context);
  batch.sampled = contexts.length;
  return batch;
}

describe("step time from layer tables", () => {
  const step = layerTableStepTime({ ...tables, layers: 3 });

  it("is each layer's times over the layers, with embedding and head once", () => {
    // Layer: 10 + 2 x 1 + attention 5; ends 4; head 50.
    expect(step.time([decodes(100)]) * 1e6).toBeCloseTo(3 * (12 + 5) + 4 + 50, 9);
  });

  it("interpolates attention along every axis", () => {
    const attention = (batch: Batch): number => step.terms([batch]).children[0]?.children[1]?.value as number;
    expect(attention(decodes(150)) * 1e6).toBeCloseTo(3 * 6, 9);
    expect(attention(decodes(150, 150)) * 1e6).toBeCloseTo(3 * 9, 9);
    expect(attention(decodes(300, 300)) * 1e6).toBeCloseTo(3 * 18, 9);
    const mixed = decodes(100);
    mixed.addPrefill(64, 32);
    expect(attention(mixed) * 1e6).toBeCloseTo(3 * 12, 9);
  });

  it("moves from the mean context towards the largest by the fitted share", () => {
    const uneven = layerTableStepTime({ ...tables, layers: 3, skew: { fallback: 0.25 } });
    const batch = decodes(100, 200);
    const [mean, longest] = [decodes(150, 150), decodes(200, 200)].map((even) => step.time([even])) as [number, number];
    expect(uneven.time([batch])).toBeCloseTo(mean + 0.25 * (longest - mean), 12);
    expect(uneven.time([decodes(150, 150)])).toBe(mean);
  });

  it("adds the all-reduces that the tables leave out", () => {
    const allReduce = { perLayer: 2, latency: 20e-6, bandwidth: 16e9, bytesPerToken: 1600 };
    const reduced = layerTableStepTime({ ...tables, layers: 3, allReduce });
    expect(reduced.time([decodes(100)]) - step.time([decodes(100)])).toBeCloseTo(6 * 20.1e-6, 12);
  });

  it("names file and line of what is no number", () => {
    const attention = `${tables.attention}\n64,64,1,x,13`;
    expect(() => layerTableStepTime({ ...tables, attention, layers: 1 })).toThrow('attention.csv line 10: "x"');
    expect(() => layerTableStepTime({ ...tables, dense: "layer,tokens\nq,1", layers: 1 })).toThrow("time_us");
  });
});

describe("the tables of two recorded runs", () => {
  if (!hasShared()) {
    it.skip("skipped without the shared data", () => undefined);
    return;
  }
  const read = (model: string, rank: string): ReturnType<typeof layerTableStepTime> => {
    const text = (file: string): string =>
      readFileSync(sharedFile(`data/serving-runs/rtxpro6000/${model}/layers/${rank}/${file}`), "utf8");
    return layerTableStepTime({
      dense: text("dense.csv"),
      attention: text("attention.csv"),
      perSequence: text("per_sequence.csv"),
      skew: { table: text("skew_fit.csv"), fallback: 0.0543 },
      layers: 32,
    });
  };
  const llama = read("Llama-3.1-8B", "tp1");

  it("lie on the table at its points", () => {
    const attention = (batch: Batch): number => llama.terms([batch]).children[0]?.children[1]?.value as number;
    const batch = new Batch();
    for (let n = 0; n < 128; n++) batch.addDecode(1, 1024);
    expect(attention(batch) / 32e-6).toBeCloseTo(404.865, 6);
    batch.addPrefill(2048, 0);
    expect(attention(batch) / 32e-6).toBeCloseTo(1031.17, 6);
  });

  it("read the weights once: one decode of 8B takes at least the time of its bytes", () => {
    expect(llama.time([decodes(128)])).toBeGreaterThan(16.06e9 / 1.792e12);
    expect(llama.time([decodes(128)])).toBeLessThan((1.35 * 16.06e9) / 1.597e12);
  });

  it("open up into parts that add up", () => {
    const batch = decodes(300, 700, 2000);
    batch.addPrefill(37, 0);
    batch.addPrefill(411, 900);
    const terms = llama.terms([batch]);
    checkTerm(terms);
    expect(terms.value).toBeCloseTo(llama.time([batch]), 12);
  });
});
