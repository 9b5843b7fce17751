/**
 * How far a measured time may lie from the predicted one on sound machines. Shares are about the 95th percentile of
 * measured over predicted time in `evidence/network.json`, by where the ranks are and by size, so that nine of ten lie
 * within (test/evidence/acceptance.test.ts); the time of a launch is what one process for each accelerator takes longer
 * than one process for all.
 */

import type { Bytes, Seconds } from "../../base/quantity.ts";

interface Band {
  /** From this size up. */
  readonly from: Bytes;
  readonly oneDomain: number;
  readonly several: number;
}

/** @source aiconfigurator-comm, ml-engineering-nccl, nccl-tests-issues */
const bands: readonly Band[] = [
  { from: 2 ** 26, oneDomain: 0.11, several: 0.12 },
  { from: 2 ** 24, oneDomain: 0.15, several: 0.2 },
  { from: 2 ** 20, oneDomain: 0.19, several: 0.35 },
  { from: 0, oneDomain: 0.19, several: 0.5 },
];

/** A call of one process for each accelerator against one process for all. @source ml-engineering-nccl, aiconfigurator-comm */
const launch: Seconds = 20e-6;

/** Links of machines that were measured without peer-to-peer vary more than all others. @source aiconfigurator-comm */
const hostPathShare = 0.45;

export interface Expected {
  readonly time: Seconds;
  /** The slowest and the fastest time that still agree with the prediction. */
  readonly slowest: Seconds;
  readonly fastest: Seconds;
}

export interface ExpectedRequest {
  readonly size: Bytes;
  readonly domains: number;
  readonly link: "nvlink" | "pcie";
}

export function expectedTime(time: Seconds, { size, domains, link }: ExpectedRequest): Expected {
  const band = bands.find(({ from }) => size >= from);
  const own = band === undefined ? 0 : domains === 1 ? band.oneDomain : band.several;
  const share = domains === 1 && link === "pcie" ? Math.max(own, hostPathShare) : own;
  return { time, slowest: time * (1 + share) + launch, fastest: time / (1 + share) };
}
