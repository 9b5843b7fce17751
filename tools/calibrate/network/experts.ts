/**
 * Fits what DeepEP's normal kernels cost, by tokens, width, nodes and multiprocessors. Rows of 4,096 and 8,192 tokens
 * are judged, never fitted; the 8-node rows of the older table are disturbed (notify times of milliseconds), left out.
 */
import type { CopyCost, ExpertCopies } from "../../../src/catalog/calibration/network.ts";
import { reachedParts } from "../../../src/network/expert/exchange.ts";
import { descend } from "./descent.ts";
import { mean, median, type Row, systemRows } from "./tables.ts";

type Direction = "dispatch" | "combine";

interface Observation {
  readonly tokens: number;
  readonly multiprocessors: number;
  readonly nodes: number;
  /** Bytes of one token on the wire, ranks and other nodes it reaches. */
  readonly width: number;
  readonly ranks: number;
  readonly remote: number;
  readonly seconds: number;
}

const judgedTokens: readonly number[] = [4096, 8192];
/** Scales of fp8 blocks of 128 come along as 4 bytes each. */
const bytesPerElement: Readonly<Record<Direction, number>> = { dispatch: 1 + 4 / 128, combine: 2 };
/** 400 Gbit/s per GPU at the goodput of InfiniBand. */
const nic = 50e9 * 0.967;

export async function expertCopies(sharedRoot: string): Promise<ExpertCopies[]> {
  const hopper: Row[] = [];
  for (const system of ["h100_sxm", "h200_sxm"]) hopper.push(...(await normalRows(sharedRoot, system)));
  const blackwell = await normalRows(sharedRoot, "b200_sxm");
  const first = fitGeneration("hopper", hopper, 450e9);
  // No Blackwell rows cross nodes: what concerns the network is Hopper's.
  return [first, fitGeneration("blackwell", blackwell, 900e9, first)];
}

async function normalRows(sharedRoot: string, system: string): Promise<Row[]> {
  const { rows } = await systemRows(sharedRoot, system, "sglang", "wideep_deepep_normal_perf");
  return rows.filter((row) => Number(row.node_num) < 8);
}

function fitGeneration(
  generation: ExpertCopies["generation"],
  rows: readonly Row[],
  link: number,
  network?: ExpertCopies,
): ExpertCopies {
  const errors = { fitted: [] as number[], heldOut: [] as number[] };
  const fitted = (direction: Direction): CopyCost => {
    const all = rows.map((row) => observation(row, direction));
    const training = all.filter((row) => !judgedTokens.includes(row.tokens));
    const cost = fitDirection(training, link, network?.[direction]);
    const error = (row: Observation): number => Math.abs(costSeconds(cost, row, link) / row.seconds - 1);
    errors.fitted.push(...training.filter((row) => row.tokens >= 256).map(error));
    errors.heldOut.push(...all.filter((row) => judgedTokens.includes(row.tokens)).map(error));
    return cost;
  };
  const dispatch = fitted("dispatch");
  const combine = fitted("combine");
  const percent = (values: readonly number[]): number => Number((mean(values) * 100).toFixed(1));
  return { generation, dispatch, combine, error: { fitted: percent(errors.fitted), heldOut: percent(errors.heldOut) } };
}

function observation(row: Row, direction: Direction): Observation {
  const nodes = Number(row.node_num);
  const shape = { experts: Number(row.num_experts), topK: Number(row.num_topk) };
  return {
    tokens: Number(row.num_token),
    multiprocessors: Number(row[`${direction}_sms`]),
    nodes,
    width: Number(row.hidden_size) * bytesPerElement[direction],
    ranks: reachedParts(shape, 8 * nodes),
    remote: (reachedParts(shape, nodes) * (nodes - 1)) / nodes,
    seconds: (Number(row[`${direction}_transmit_us`]) + Number(row[`${direction}_notify_us`])) * 1e-6,
  };
}

function fitDirection(rows: readonly Observation[], link: number, network?: CopyCost): CopyCost {
  const small = (nodes: number): number =>
    median(rows.filter((row) => row.tokens <= 8 && row.nodes === nodes).map((row) => row.seconds));
  const one = rows.filter((row) => row.nodes === 1 && row.tokens >= 256);
  const far = rows.filter((row) => row.nodes > 1 && row.tokens >= 256);
  const networkLatency = network?.networkLatency ?? small(2);
  const start: CopyCost = {
    latency: small(1),
    networkLatency,
    doublingLatency: network?.doublingLatency ?? small(4) - networkLatency,
    perToken: 500e-9,
    perMultiprocessor: 20e9,
    perForwarder: network?.perForwarder ?? 10e9,
    linkShare: 0.7,
    networkShare: network?.networkShare ?? 0.9,
  };
  const loss =
    (list: readonly Observation[]) =>
    (cost: CopyCost): number =>
      mean(list.map((row) => Math.abs(Math.log(costSeconds(cost, row, link) / row.seconds))));
  const inside = descend(start, ["perToken", "perMultiprocessor", "linkShare"], loss(one));
  const whole = network === undefined ? descend(inside, ["perForwarder", "networkShare"], loss(far)) : inside;
  return Object.fromEntries(
    Object.entries(whole).map(([key, value]) => [key, Number((value as number).toPrecision(3))]),
  ) as unknown as CopyCost;
}

function costSeconds(cost: CopyCost, row: Observation, link: number): number {
  const { tokens, width, ranks, multiprocessors } = row;
  const wire = (tokens * ranks * width) / (cost.linkShare * link);
  if (row.nodes === 1) {
    const copies = (tokens * (cost.perToken + (ranks * width) / cost.perMultiprocessor)) / multiprocessors;
    return cost.latency + Math.max(copies, wire);
  }
  const forwarded = (tokens * ranks * width) / (multiprocessors * cost.perForwarder);
  const network = (tokens * row.remote * width) / (cost.networkShare * nic);
  const latency = cost.networkLatency + cost.doublingLatency * Math.log2(row.nodes / 2);
  return latency + Math.max(forwarded, network, wire);
}
