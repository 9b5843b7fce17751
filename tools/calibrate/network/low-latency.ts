/**
 * Fits what DeepEP's low-latency kernels cost (one node, and H100 over 2 to 8), and the two-sided NVLink exchange of
 * TensorRT-LLM on GB200. Rows of the token counts that judged records have are never fitted.
 */
import type {
  LowLatencyCopies,
  LowLatencyCost,
  TwoSidedCopies,
  TwoSidedCost,
} from "../../../src/catalog/calibration/network.ts";
import { reachedParts } from "../../../src/network/expert/exchange.ts";
import { descend } from "./descent.ts";
import { mean, median, type Row, systemRows } from "./tables.ts";

type Direction = "dispatch" | "combine";

/** Token counts of the judged records. */
export const judgedTokens: readonly number[] = [1, 8, 32, 128];
export const judgedExchangeTokens: readonly number[] = [1, 128, 2048, 8192];

/** fp8 with a scale of 4 bytes a block of 128, sent to every expert; back in bf16. */
const bytesPerElement: Readonly<Record<Direction, number>> = { dispatch: 1 + 4 / 128, combine: 2 };
const nic = 50e9 * 0.967;

interface Observation {
  readonly tokens: number;
  readonly nodes: number;
  readonly topK: number;
  readonly experts: number;
  /** Bytes of one copy of one token. */
  readonly width: number;
  readonly seconds: number;
}

export async function lowLatencyCopies(sharedRoot: string): Promise<LowLatencyCopies[]> {
  // The multi-node rows of H200 are copies of H100's.
  const hopper = [
    ...(await rowsOf(sharedRoot, "h100_sxm")),
    ...(await rowsOf(sharedRoot, "h200_sxm")).filter((row) => Number(row.node_num) === 1),
  ];
  const blackwell = [...(await rowsOf(sharedRoot, "b200_sxm")), ...(await rowsOf(sharedRoot, "gb200"))];
  const first = fitGeneration("hopper", hopper, 450e9);
  return [first, fitGeneration("blackwell", blackwell, 900e9, first)];
}

async function rowsOf(sharedRoot: string, system: string): Promise<Row[]> {
  return (await systemRows(sharedRoot, system, "sglang", "wideep_deepep_ll_perf")).rows;
}

function fitGeneration(
  generation: LowLatencyCopies["generation"],
  rows: readonly Row[],
  link: number,
  network?: LowLatencyCopies,
): LowLatencyCopies {
  const errors = { fitted: [] as number[], heldOut: [] as number[] };
  const fitted = (direction: Direction): LowLatencyCost => {
    const all = rows.map((row) => observation(row, direction));
    const training = all.filter((row) => !judgedTokens.includes(row.tokens));
    const cost = fitDirection(training, link, network?.[direction]);
    const error = (row: Observation): number => Math.abs(costSeconds(cost, row, link) / row.seconds - 1);
    errors.fitted.push(...training.map(error));
    errors.heldOut.push(...all.filter((row) => judgedTokens.includes(row.tokens)).map(error));
    return cost;
  };
  const [dispatch, combine] = [fitted("dispatch"), fitted("combine")];
  return { generation, dispatch, combine, error: percents(errors) };
}

function observation(row: Row, direction: Direction): Observation {
  return {
    tokens: Number(row.num_token),
    nodes: Number(row.node_num),
    topK: Number(row.num_topk),
    experts: Number(row.num_experts),
    width: Number(row.hidden_size) * bytesPerElement[direction],
    seconds: Number(row[`${direction}_avg_t_us`]) * 1e-6,
  };
}

function fitDirection(rows: readonly Observation[], link: number, network?: LowLatencyCost): LowLatencyCost {
  const small = (nodes: number): number =>
    median(rows.filter((row) => row.tokens <= 4 && row.nodes === nodes).map((row) => row.seconds));
  const start: LowLatencyCost = {
    latency: small(1),
    perExpert: 10e-9,
    networkLatency: network?.networkLatency ?? small(2),
    doublingLatency: network?.doublingLatency ?? small(4) - small(2),
    perReceiver: 20e9,
    linkShare: 0.6,
    networkShare: network?.networkShare ?? 0.9,
  };
  const loss =
    (list: readonly Observation[]) =>
    (cost: LowLatencyCost): number =>
      mean(list.map((row) => Math.abs(Math.log(costSeconds(cost, row, link) / row.seconds))));
  const one = rows.filter((row) => row.nodes === 1);
  const far = rows.filter((row) => row.nodes > 1);
  const inside = descend(start, ["latency", "perExpert", "perReceiver", "linkShare"], loss(one));
  if (network !== undefined) return rounded(inside);
  return rounded(descend(inside, ["networkLatency", "doublingLatency", "networkShare"], loss(far)));
}

/** The formula of `lowLatencyTime`, on a row. */
function costSeconds(cost: LowLatencyCost, row: Observation, link: number): number {
  const { tokens, topK, experts, width, nodes } = row;
  const bytes = tokens * topK * width;
  const received = (bytes * 8 * nodes) / experts / cost.perReceiver;
  const inside = Math.max(bytes / (cost.linkShare * link), received);
  if (nodes === 1) return cost.latency + experts * cost.perExpert + inside;
  const network = (bytes * (nodes - 1)) / nodes / (cost.networkShare * nic);
  return cost.networkLatency + cost.doublingLatency * Math.log2(nodes / 2) + Math.max(inside, network);
}

/** Elements on the wire: nvfp4 with a byte of scale for 16, fp8, bf16. */
const widths: Readonly<Record<string, number>> = { nvfp4: 0.5 + 1 / 16, fp8: 1, bfloat16: 2 };

interface Exchange {
  readonly tokens: number;
  readonly ranks: number;
  readonly reached: number;
  readonly width: number;
  readonly seconds: number;
}

export async function twoSidedCopies(sharedRoot: string): Promise<TwoSidedCopies[]> {
  const { rows } = await systemRows(sharedRoot, "gb200", "trtllm", "trtllm_alltoall_perf");
  const own = rows.filter((row) => row.kernel_source === "NVLinkTwoSided");
  const errors = { fitted: [] as number[], heldOut: [] as number[] };
  const fitted = (direction: Direction): TwoSidedCost => {
    const all = own.filter((row) => row.op_name === `alltoall_${direction}`).map((row) => exchangeOf(row, direction));
    const training = all.filter((row) => !judgedExchangeTokens.includes(row.tokens));
    const start: TwoSidedCost = { latency: 12e-6, perToken: 20e-9, linkShare: 0.5 };
    const loss = (cost: TwoSidedCost): number =>
      mean(training.map((row) => Math.abs(Math.log(exchangeSeconds(cost, row) / row.seconds))));
    const cost = rounded(descend(start, ["latency", "perToken", "linkShare"], loss));
    const error = (row: Exchange): number => Math.abs(exchangeSeconds(cost, row) / row.seconds - 1);
    errors.fitted.push(...training.map(error));
    errors.heldOut.push(...all.filter((row) => judgedExchangeTokens.includes(row.tokens)).map(error));
    return cost;
  };
  const [dispatch, combine] = [fitted("dispatch"), fitted("combine")];
  return [{ generation: "blackwell", dispatch, combine, error: percents(errors) }];
}

function exchangeOf(row: Row, direction: Direction): Exchange {
  const ranks = Number(row.moe_ep_size);
  const width = direction === "combine" ? 2 : (widths[String(row.moe_dtype)] ?? Number.NaN);
  return {
    tokens: Number(row.num_tokens),
    ranks,
    reached: reachedParts({ experts: Number(row.num_experts), topK: Number(row.topk) }, ranks),
    width: Number(row.hidden_size) * width,
    seconds: Number(row.latency) * 1e-3,
  };
}

/** The formula of `twoSidedTime`, on a row. */
function exchangeSeconds(cost: TwoSidedCost, { tokens, reached, width, seconds: _ }: Exchange): number {
  return cost.latency + tokens * (cost.perToken + (reached * width) / (cost.linkShare * 900e9));
}

function rounded<Cost extends object>(cost: Cost): Cost {
  return Object.fromEntries(
    Object.entries(cost).map(([key, value]) => [key, Number((value as number).toPrecision(3))]),
  ) as Cost;
}

function percents(errors: { readonly fitted: readonly number[]; readonly heldOut: readonly number[] }): {
  fitted: number;
  heldOut: number;
} {
  const percent = (values: readonly number[]): number => Number((mean(values) * 100).toFixed(1));
  return { fitted: percent(errors.fitted), heldOut: percent(errors.heldOut) };
}
