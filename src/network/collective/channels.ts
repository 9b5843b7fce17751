/**
 * What a channel carries at most. A channel is one multiprocessor that follows one ring or tree; the library opens as
 * many as the links need, fewer leave bandwidth unused. GB/s of bus bandwidth a channel, for one, two and more domains.
 * Simple rings inside a domain: the step at which the library's search lays them (12 x 20 on A100, 12 x 30 on H100,
 * 16 x 45 on B200); between domains a ring enters through one port. Plain in-switch reduction of Blackwell is not stated.
 * @source nccl-tuning
 */
import type { BytesPerSecond } from "../../base/quantity.ts";
import type { Generation } from "../../catalog/accelerator.ts";
import type { Span } from "./span.ts";

type Pattern = "ring" | "ring/ll128" | "tree" | "tree/ll128" | "nvls" | "nvls-tree";
type Caps = Readonly<Record<Pattern, readonly [one: number, two: number, more: number]>>;

const ampere: Caps = {
  ring: [20e9, 24e9, 24e9],
  "ring/ll128": [20e9, 20e9, 20e9],
  tree: [24e9, 23.6e9, 17.8e9],
  "tree/ll128": [20e9, 20e9, 20e9],
  nvls: [0, 0, 0],
  "nvls-tree": [0, 0, 0],
};

const hopper: Caps = {
  ring: [30e9, 48e9, 48e9],
  "ring/ll128": [36.7e9, 36.7e9, 36.7e9],
  tree: [38.7e9, 41.4e9, 36e9],
  "tree/ll128": [36.7e9, 36.7e9, 29e9],
  nvls: [40e9, 0, 0],
  "nvls-tree": [0, 57.7e9, 45.5e9],
};

const blackwell: Caps = {
  ring: [45e9, 96e9, 96e9],
  "ring/ll128": [40e9, 40e9, 40e9],
  tree: [70e9, 42.8e9, 24e9],
  "tree/ll128": [55.6e9, 31.67e9, 20e9],
  nvls: [0, 0, 0],
  "nvls-tree": [0, 96e9, 80e9],
};

const caps: Readonly<Partial<Record<Generation, Caps>>> = { ampere, ada: ampere, hopper, blackwell };

/** Whether channels of this pattern are known on this platform: only such patterns can be given a number of them. */
export function hasChannels(pattern: Pattern, span: Span): boolean {
  return channelRate(pattern, span) > 0;
}

/** Most that so many channels carry; without a number, no limit. */
export function channelCap(pattern: Pattern, span: Span, channels: number | undefined): BytesPerSecond {
  return channels === undefined ? Number.POSITIVE_INFINITY : channels * channelRate(pattern, span);
}

function channelRate(pattern: Pattern, span: Span): BytesPerSecond {
  const table = caps[span.platform.generation];
  if (table === undefined || span.platform.scaleUp.topology !== "switch") return 0;
  return table[pattern][Math.min(span.domains, 3) - 1] ?? 0;
}
