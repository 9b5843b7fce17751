/**
 * Which coefficients an accelerator uses: its own, else those of the most similar part of its generation, else the
 * median of all parts with published large-product rates on top.
 */

import { log, pow } from "../base/math.ts";
import type { Accelerator } from "../catalog/accelerator.ts";
import { accelerators } from "../catalog/accelerators/index.ts";
import { kernelCalibration } from "../catalog/calibration/kernels.generated.ts";
import type {
  AttentionCoefficients,
  AttentionSet,
  CalibratedFormat,
  DecodeSet,
  ExpertFormat,
  ExpertSet,
  GemmSet,
  LatentDecodeSet,
  PassKind,
  PassSet,
  Provenance,
} from "../catalog/calibration/kernels.ts";
import { type AssumedRate, assumedRates } from "../catalog/calibration/kernels-assumed.ts";

interface Sourced {
  readonly provenance: Provenance;
}

export type Foundation = "own" | "generation" | "neutral";

export interface Chosen<Set> {
  readonly set: Set;
  readonly foundation: Foundation;
}

/** Stacks whose tables come first, by operator; the others follow. Attention defaults to training kernels. */
const preferred = {
  gemm: ["trtllm", "vllm"],
  attention: ["cudnn", "flash-attention", "vllm", "trtllm"],
  decode: ["vllm"],
  latentDecode: ["trtllm"],
  experts: ["trtllm", "vllm"],
} as const;

export function chosenGemm(accelerator: Accelerator, format: CalibratedFormat, library?: string): Chosen<GemmSet> {
  const sets = kernelCalibration.gemm.filter((set) => set.format === format);
  return choose(sets, accelerator, order("gemm", library)) ?? neutralGemm(accelerator, sets);
}

export function chosenDecode(accelerator: Accelerator, headDim: number, cacheBytes: number): Chosen<DecodeSet> {
  const wanted = cacheBytes < 2 ? 1 : 2;
  const sets = kernelCalibration.decode.filter((set) => set.cacheBytes === wanted);
  const near = choose(withNearestHeadDim(sets, headDim), accelerator, preferred.decode);
  // A100 has no fp8 cache rows; its 16-bit ones stand in.
  return near ?? neutral(withNearestHeadDim(sets, headDim));
}

export function chosenLatentDecode(
  accelerator: Accelerator,
  heads: number,
  cacheBytes: number,
): Chosen<LatentDecodeSet> {
  const wanted = cacheBytes < 2 ? 1 : 2;
  const sets = kernelCalibration.latentDecode.filter((set) => set.cacheBytes === wanted && set.heads === heads);
  return choose(sets, accelerator, preferred.latentDecode) ?? neutral(sets);
}

/** Numbers of heads that latent attention was measured with, ascending. */
export const latentHeads: readonly number[] = [
  ...new Set(kernelCalibration.latentDecode.map(({ heads }) => heads)),
].sort((a, b) => a - b);

export function chosenExperts(accelerator: Accelerator, format: ExpertFormat, library?: string): Chosen<ExpertSet> {
  const sets = kernelCalibration.experts.filter((set) => set.format === format);
  const found = choose(sets, accelerator, order("experts", library));
  if (found !== undefined) return found;
  const middle = neutral(sets);
  const rate = assumedRates[accelerator.generation];
  if (rate === undefined) return middle;
  const coefficients = { ...middle.set.coefficients, compute: rate.matrix };
  return { ...middle, set: { ...middle.set, coefficients } };
}

export function chosenPass(accelerator: Accelerator, kind: PassKind): Chosen<PassSet> {
  const sets = kernelCalibration.passes.filter((set) => set.kind === kind);
  return choose(sets, accelerator, ["vidur"]) ?? neutral(sets);
}

/** Forward and backward coefficients at a head dimension, interpolated between calibrated ones. */
export function chosenAttention(
  accelerator: Accelerator,
  headDim: number,
  library?: string,
): Chosen<{ readonly forward: AttentionCoefficients; readonly backward: AttentionCoefficients }> {
  const names = library === undefined ? attentionOrder(accelerator) : [library, ...preferred.attention];
  const { sets, foundation } = attentionFamily(accelerator, names);
  const scale = foundation === "neutral" ? attentionScale(accelerator) : 1;
  const forward = scaled(
    atHeadDim(sets, headDim, ({ forward: c }) => c),
    scale,
  );
  const withBackward = sets.filter(({ backward }) => backward !== undefined);
  const backward =
    withBackward.length > 0
      ? scaled(
          atHeadDim(withBackward, headDim, (set) => set.backward ?? set.forward),
          scale,
        )
      : slowedBackward(forward);
  return { set: { forward, backward }, foundation };
}

/**
 * Backward efficiency over forward where only the forward was measured: 0.87 for FlashAttention-2, FlashAttention-3
 * and cuDNN at long sequences, head dimension 128.
 * @source flash-attention-3
 */
const backwardOverForward = 0.87;

function slowedBackward(c: AttentionCoefficients): AttentionCoefficients {
  return { ...c, compute: c.compute * backwardOverForward };
}

/** On Ampere training runs FlashAttention-2, later parts run cuDNN. */
function attentionOrder({ generation }: Accelerator): readonly string[] {
  return generation === "ampere" ? ["flash-attention", ...preferred.attention] : preferred.attention;
}

/** All head dimensions of the first library that this accelerator, or its generation, has. */
function attentionFamily(
  accelerator: Accelerator,
  names: readonly string[],
): { readonly sets: readonly AttentionSet[]; readonly foundation: Foundation } {
  for (const name of names) {
    const ofLibrary = kernelCalibration.attention.filter(({ provenance }) => provenance.library === name);
    const found = choose(ofLibrary, accelerator, [name]);
    if (found === undefined) continue;
    const owner = found.set.provenance.accelerator;
    return {
      sets: ofLibrary.filter(({ provenance }) => provenance.accelerator === owner),
      foundation: found.foundation,
    };
  }
  const hopper = kernelCalibration.attention.filter(
    ({ provenance }) => provenance.library === "cudnn" && provenance.generation === "hopper",
  );
  return { sets: hopper, foundation: "neutral" };
}

/** Attention of other vendors loses as much against the median part as their matrix products do. */
function attentionScale(accelerator: Accelerator): number {
  const rate = assumedRates[accelerator.generation];
  const middle = neutral(kernelCalibration.gemm.filter((set) => set.format === "bf16")).set.coefficients.compute;
  return rate === undefined ? 1 : Math.min(1, rate.matrix / middle);
}

function scaled(c: AttentionCoefficients, factor: number): AttentionCoefficients {
  return factor === 1 ? c : { ...c, compute: c.compute * factor };
}

/** Exponent with which efficiency falls below the smallest calibrated head dimension (0.25 Hopper, 0.7 Blackwell). */
const smallHeadExponent = 0.35;

function atHeadDim(
  sets: readonly AttentionSet[],
  headDim: number,
  pick: (set: AttentionSet) => AttentionCoefficients,
): AttentionCoefficients {
  const sorted = [...sets].sort((a, b) => a.headDim - b.headDim);
  const above = sorted.find((set) => set.headDim >= headDim) ?? sorted.at(-1);
  const below = sorted.findLast((set) => set.headDim <= headDim) ?? sorted[0];
  if (above === undefined || below === undefined) throw new Error("no attention coefficients");
  const high = pick(above);
  if (headDim < below.headDim) {
    return { ...high, compute: high.compute * pow(headDim / below.headDim, smallHeadExponent) };
  }
  if (above === below) return high;
  const low = pick(below);
  const share = (headDim - below.headDim) / (above.headDim - below.headDim);
  const between = (a: number, b: number): number => a + share * (b - a);
  return {
    compute: between(low.compute, high.compute),
    memory: between(low.memory, high.memory),
    start: between(low.start, high.start),
    overhead: between(low.overhead, high.overhead),
    tail: between(low.tail, high.tail),
  };
}

function withNearestHeadDim(sets: readonly DecodeSet[], headDim: number): readonly DecodeSet[] {
  const distance = (set: DecodeSet): number => Math.abs(log(set.headDim / headDim));
  const least = sets.reduce((d, set) => Math.min(d, distance(set)), Number.POSITIVE_INFINITY);
  return sets.filter((set) => distance(set) <= least + 0.01 || set.headDim === 128);
}

function order(operator: keyof typeof preferred, library: string | undefined): readonly string[] {
  return library === undefined ? preferred[operator] : [library, ...preferred[operator]];
}

/** Own set of the first library that has one; else, library by library, the most similar part of the generation. */
function choose<Set extends Sourced>(
  sets: readonly Set[],
  accelerator: Accelerator,
  libraries: readonly string[],
): Chosen<Set> | undefined {
  for (const name of libraries) {
    const own = sets.find(
      ({ provenance }) => provenance.library === name && provenance.accelerator === accelerator.name,
    );
    if (own !== undefined) return { set: own, foundation: "own" };
  }
  for (const name of libraries) {
    const related = sets.filter(
      ({ provenance }) => provenance.library === name && provenance.generation === accelerator.generation,
    );
    const [first, ...others] = related;
    if (first === undefined) continue;
    const unlike = (set: Set): number => distanceBetween(accelerator, accelerators.get(set.provenance.accelerator));
    const nearest = others.reduce((best, set) => (unlike(set) < unlike(best) ? set : best), first);
    return { set: nearest, foundation: "generation" };
  }
  return undefined;
}

/**
 * How unlike two parts are: logarithms of multiprocessors, memory size and power apart. Peak and bandwidth stay out of
 * it, so that trying a faster memory never changes whose efficiencies are borrowed.
 */
function distanceBetween(a: Accelerator, b: Accelerator): number {
  const apart = (x: number | undefined, y: number | undefined): number =>
    x === undefined || y === undefined ? 0 : Math.abs(log(x / y));
  const power = a.power === "unknown" || b.power === "unknown" ? 0 : apart(a.power, b.power);
  // The same chip counts most.
  return 4 * apart(a.multiprocessors, b.multiprocessors) + apart(a.memory.capacity, b.memory.capacity) + power;
}

function neutralGemm(accelerator: Accelerator, sets: readonly GemmSet[]): Chosen<GemmSet> {
  const middle = neutral(sets);
  const rate: AssumedRate | undefined = assumedRates[accelerator.generation];
  if (rate === undefined) return middle;
  const { coefficients } = middle.set;
  const withRate = { ...coefficients, compute: rate.matrix };
  const final = rate.waves === "none" ? { ...withRate, tail: 0, small: 1, throttle: 0 } : withRate;
  return { ...middle, set: { ...middle.set, coefficients: final } };
}

/** The set whose coefficients are the medians of all sets. */
function neutral<Set extends Sourced & { readonly coefficients: object }>(sets: readonly Set[]): Chosen<Set> {
  const [first] = sets;
  if (first === undefined) throw new Error("no calibrated coefficients for this operator");
  const coefficients: Record<string, number> = {};
  for (const key of Object.keys(first.coefficients)) {
    coefficients[key] = middleOf(sets.map((set) => (set.coefficients as Record<string, number>)[key] ?? 0));
  }
  return { set: { ...first, coefficients } as Set, foundation: "neutral" };
}

function middleOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
