/**
 * Routed experts: products of many small groups that share n and k, and the whole expert block of one rank.
 *
 * Ignores: the router, the all-to-all, and how rows are spread inside one rank (tiles of many experts fill the device).
 */
import { pow } from "../base/math.ts";
import type { Seconds } from "../base/quantity.ts";
import type { ExpertCoefficients } from "../catalog/calibration/kernels.ts";
import type { Device } from "./gemm.ts";
import { blendedMaximum } from "./gemm.ts";

const activationBytes = 2;

/** A tile's columns: the last tile of a product computes all of them. @source nvidia-matmul-guide */
const tileColumns = 128;

export interface ExpertShape {
  readonly tokens: number;
  readonly topK: number;
  readonly localExperts: number;
  readonly experts: number;
  readonly hidden: number;
  readonly width: number;
  readonly gated: "gated" | "plain";
  readonly imbalance: number;
}

/**
 * Distinct experts of a rank that at least one of `tokens` reaches under random routing (coupon collector).
 *
 *     E_local (1 - (1 - topK / E)^tokens)
 */
export function expertsReached(shape: Pick<ExpertShape, "tokens" | "topK" | "localExperts" | "experts">): number {
  const { tokens, topK, localExperts, experts } = shape;
  if (topK >= experts) return localExperts;
  return localExperts * (1 - pow(1 - topK / experts, tokens));
}

/** Compute and memory time of the grouped product alone, without its constant. */
function productTime(
  c: ExpertCoefficients,
  device: Device,
  bytes: number,
  product: { readonly groups: number; readonly rows: number; readonly n: number; readonly k: number },
): { readonly compute: Seconds; readonly memory: Seconds } {
  const { groups, rows, n, k } = product;
  const columns = Math.ceil(n / tileColumns) * tileColumns;
  const compute = (2 * (rows + groups * c.padding) * columns * (k + c.depth)) / (device.peak * c.compute);
  return { compute, memory: (groups * n * k * bytes) / (device.bandwidth * c.memory) };
}

/**
 * `groups` products of `rows` rows in all. Imbalance multiplies the rows: the time is that of the worst rank.
 *
 *     t = t0 + smoothmax( 2 (rows + groups pad) n (k + k0) / (P e), groups n k bytes / (B e_b) ) + activations / B
 *
 * @source aiconfigurator
 */
export function groupedGemmTime(
  c: ExpertCoefficients,
  device: Device,
  bytes: number,
  shape: {
    readonly groups: number;
    readonly rows: number;
    readonly n: number;
    readonly k: number;
    readonly imbalance: number;
    readonly start: Seconds;
  },
): Seconds {
  const rows = shape.rows * shape.imbalance;
  const { compute, memory } = productTime(c, device, bytes, { ...shape, rows });
  const activations = (rows * (shape.k * bytes + shape.n * activationBytes)) / (device.bandwidth * c.memory);
  return shape.start + c.startPerExpert * shape.groups + blendedMaximum(compute, memory + activations, c.blend);
}

/**
 * The expert block of one rank as an engine runs it: sort, gather, both (three) products, activation, weighted sum.
 * `tokens` are all tokens that the rank sees; it works on the share that its experts receive, but sorts and writes
 * for all of them.
 *
 *     t = t0 + E_local t_e + smoothmax(compute, weights) + passes rows (2 h + 3 f) 2 / B
 *         + outputs tokens h 2 / B + route tokens topK
 *
 * @param reached distinct experts whose weights are read.
 * @source aiconfigurator
 */
export function expertsTime(
  c: ExpertCoefficients,
  device: Device,
  bytes: number,
  shape: ExpertShape & { readonly reached: number },
): Seconds {
  const { tokens, topK, localExperts, experts, hidden, width, gated, imbalance, reached } = shape;
  const rows = ((tokens * topK * localExperts) / experts) * imbalance;
  const upWidth = gated === "gated" ? 2 * width : width;
  const up = productTime(c, device, bytes, { groups: reached, rows, n: upWidth, k: hidden });
  const down = productTime(c, device, bytes, { groups: reached, rows, n: hidden, k: width });
  const products = blendedMaximum(up.compute + down.compute, up.memory + down.memory, c.blend);
  const moved = c.passes * rows * (2 * hidden + upWidth + width) + c.outputs * tokens * hidden;
  return (
    c.start +
    c.startPerExpert * localExperts +
    products +
    (moved * activationBytes) / device.bandwidth +
    c.route * tokens * topK
  );
}
