/**
 * Table-backed kernels: a user's measured rows where there are some, coefficients elsewhere.
 *
 * Rows are kept as ratios measured / coefficients, and ratios are interpolated in the logarithm of the shape: the
 * model carries the physics between the points, the rows its error. Outside the rows the nearest ratio is held.
 * Ignores: repeated rows beyond their median, and rows of another accelerator (the caller hands in the right ones).
 */
import { exp, log } from "../base/math.ts";
import type { Seconds } from "../base/quantity.ts";
import type { AttentionShape, GemmFormat, Kernels } from "./kernel.ts";

/** One measured product; quantised formats include the quantisation of their bf16 activations. */
export interface GemmRow {
  readonly format: GemmFormat;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly time: Seconds;
}

export interface AttentionRow {
  readonly shape: AttentionShape;
  readonly time: Seconds;
}

export interface DecodeRow {
  readonly shape: Parameters<Kernels["decodeAttention"]>[0];
  readonly time: Seconds;
}

export interface ExpertRow {
  readonly format: GemmFormat;
  readonly shape: Parameters<Kernels["experts"]>[1];
  readonly time: Seconds;
}

export interface KernelTables {
  readonly gemm?: readonly GemmRow[];
  readonly attention?: readonly AttentionRow[];
  readonly decode?: readonly DecodeRow[];
  readonly experts?: readonly ExpertRow[];
  /** What the tables are, for `basis`: "TRT-LLM 1.3 on our H100". */
  readonly label: string;
}

/** Kernels that answer from the tables, falling back to `base` for operators and formats without rows. */
export function tableKernels(base: Kernels, tables: KernelTables): Kernels {
  const gemmRatio = gemmRatios(base, tables.gemm ?? []);
  const attentionRatio = ratioField(tables.attention ?? [], ({ shape, time }) => ({
    group: attentionGroup(shape),
    at: attentionPoint(shape),
    ratio: time / base.attention(shape),
  }));
  const decodeRatio = ratioField(tables.decode ?? [], ({ shape, time }) => ({
    group: `${shape.headDim}/${shape.cacheBytes}`,
    at: decodePoint(shape),
    ratio: time / base.decodeAttention(shape),
  }));
  const expertRatio = ratioField(tables.experts ?? [], ({ format, shape, time }) => ({
    group: `${format}/${shape.gated}`,
    at: expertPoint(shape),
    ratio: time / base.experts(format, shape),
  }));
  const quantizedGemm: Kernels["quantizedGemm"] = (format, m, n, k) =>
    base.quantizedGemm(format, m, n, k) * gemmRatio(format, m, n, k);
  return {
    ...base,
    // Rows time product and quantisation together, so both take the same correction.
    gemm: (format, m, n, k, weightBytes) => base.gemm(format, m, n, k, weightBytes) * gemmRatio(format, m, n, k),
    quantizedGemm,
    attention: (shape) => base.attention(shape) * attentionRatio(attentionGroup(shape), attentionPoint(shape)),
    decodeAttention: (shape) =>
      base.decodeAttention(shape) * decodeRatio(`${shape.headDim}/${shape.cacheBytes}`, decodePoint(shape)),
    experts: (format, shape) =>
      base.experts(format, shape) * expertRatio(`${format}/${shape.gated}`, expertPoint(shape)),
    basis: tableBasis(base, tables),
  };
}

function tableBasis(base: Kernels, tables: KernelTables): Kernels["basis"] {
  const counts = [
    ["products", tables.gemm],
    ["attention", tables.attention],
    ["decode", tables.decode],
    ["experts", tables.experts],
  ] as const;
  const present = counts.filter(([, rows]) => rows !== undefined && rows.length > 0);
  if (present.length === 0) return base.basis;
  const listed = present.map(([name, rows]) => `${name} (${rows?.length ?? 0} rows)`).join(", ");
  return {
    trust: "measured",
    note: `tables of ${tables.label}: ${listed}; shapes between rows are interpolated. Other operators: ${base.basis.note}`,
  };
}

interface Curve {
  readonly n: number;
  readonly k: number;
  /** By rising m. */
  readonly points: readonly { readonly x: number; readonly ratio: number }[];
}

/**
 * Correction of a product: along m between the neighbours of its own (n, k); for an unknown (n, k) the inverse-square
 * mean of the four nearest curves at that m.
 */
function gemmRatios(
  base: Kernels,
  rows: readonly GemmRow[],
): (format: GemmFormat, m: number, n: number, k: number) => number {
  const curves = new Map<GemmFormat, ReadonlyMap<string, Curve>>();
  for (const [format, ofFormat] of grouped(rows, (row) => row.format)) {
    const byWeight = new Map<string, Curve>();
    for (const [key, ofWeight] of grouped(ofFormat, ({ n, k }) => `${n}/${k}`))
      byWeight.set(key, curveOf(base, ofWeight));
    curves.set(format, byWeight);
  }
  return (format, m, n, k) => {
    const ofFormat = curves.get(format);
    if (ofFormat === undefined) return 1;
    const own = ofFormat.get(`${n}/${k}`);
    if (own !== undefined) return alongCurve(own, log(m));
    const near = nearest([...ofFormat.values()], 4, (curve) => square(log(curve.n / n)) + square(log(curve.k / k)));
    return weightedRatio(near.map(({ item, distance }) => ({ ratio: alongCurve(item, log(m)), distance })));
  };
}

function curveOf(base: Kernels, rows: readonly GemmRow[]): Curve {
  const [first] = rows;
  if (first === undefined) throw new Error("a curve needs a row");
  const { n, k } = first;
  const points = [...grouped(rows, ({ m }) => m)]
    .map(([m, same]) => ({
      x: log(m),
      ratio: middle(same.map(({ time }) => time)) / base.quantizedGemm(first.format, m, n, k),
    }))
    .sort((a, b) => a.x - b.x);
  return { n, k, points };
}

function alongCurve({ points }: Curve, x: number): number {
  const above = points.find((point) => point.x >= x - 1e-9) ?? points.at(-1);
  const below = points.findLast((point) => point.x <= x + 1e-9) ?? points[0];
  if (above === undefined || below === undefined) return 1;
  if (above.x - below.x < 1e-9) return above.ratio;
  const share = Math.min(1, Math.max(0, (x - below.x) / (above.x - below.x)));
  return exp(log(below.ratio) + share * (log(above.ratio) - log(below.ratio)));
}

interface FieldPoint {
  /** Only rows of the same group are neighbours. */
  readonly group: string;
  /** Position, already logarithmic. */
  readonly at: readonly number[];
  readonly ratio: number;
}

/** Correction at a point: the row itself where it was measured, else the inverse-square mean of the four nearest. */
function ratioField<Row>(
  rows: readonly Row[],
  place: (row: Row) => FieldPoint,
): (group: string, at: readonly number[]) => number {
  const groups = grouped(rows.map(place), (point) => point.group);
  return (group, at) => {
    const points = groups.get(group);
    if (points === undefined) return 1;
    return weightedRatio(
      nearest(points, 4, (point) => distanceBetween(point.at, at)).map(({ item, distance }) => ({
        ratio: item.ratio,
        distance,
      })),
    );
  };
}

function distanceBetween(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let axis = 0; axis < a.length; axis += 1) sum += square((a[axis] ?? 0) - (b[axis] ?? 0));
  return sum;
}

function weightedRatio(near: readonly { readonly ratio: number; readonly distance: number }[]): number {
  let weights = 0;
  let sum = 0;
  for (const { ratio, distance } of near) {
    if (distance < 1e-12) return ratio;
    weights += 1 / distance;
    sum += log(ratio) / distance;
  }
  return weights === 0 ? 1 : exp(sum / weights);
}

/** The `count` items at least squared distance, without sorting all of them. */
function nearest<Item>(
  items: readonly Item[],
  count: number,
  distanceOf: (item: Item) => number,
): readonly { readonly item: Item; readonly distance: number }[] {
  const best: { item: Item; distance: number }[] = [];
  for (const item of items) {
    const distance = distanceOf(item);
    const last = best.at(-1);
    if (best.length === count && last !== undefined && distance >= last.distance) continue;
    const place = best.findIndex((other) => other.distance > distance);
    best.splice(place < 0 ? best.length : place, 0, { item, distance });
    if (best.length > count) best.pop();
  }
  return best;
}

function attentionGroup({ headDim, valueHeadDim, causal, window }: AttentionShape): string {
  return `${headDim}/${valueHeadDim}/${causal}/${window ?? 0}`;
}

function attentionPoint({ sequences, queries, keys, heads, keyValueHeads }: AttentionShape): readonly number[] {
  return [log(sequences), log(queries), log(keys), log(heads), log(keyValueHeads) / 2];
}

function decodePoint(shape: Parameters<Kernels["decodeAttention"]>[0]): readonly number[] {
  return [log(shape.sequences), log(shape.context), log(shape.keyValueHeads), log(shape.heads) / 2];
}

function expertPoint(shape: Parameters<Kernels["experts"]>[1]): readonly number[] {
  const { tokens, topK, localExperts, experts, hidden, width, imbalance } = shape;
  return [log(tokens), log(topK), log(localExperts), log(experts), log(hidden), log(width), log(imbalance)];
}

function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

function square(x: number): number {
  return x * x;
}
