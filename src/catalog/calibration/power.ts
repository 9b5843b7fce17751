/**
 * Calibrated coefficients of power, level 1: how far from idle to its limit an accelerator goes in each phase of
 * work, and how much of its rated overhead a host draws. Fractions, so that they carry over between parts; beyond
 * the parts named they are estimates.
 *
 * Fitted on: A100 idle (60-66 of 400 W) and sustained (p90 395-404 W) power, idle A100 servers (1.42-1.51 kW of a
 * rated 6.5), the 8.4 of 10.2 kW peak of 8x H100 nodes in training, H100 decode at batch 1 (300 of 700 W).
 * Not fitted on, error: A100 servers mean -6 %, p90 +7 %, p99 -4 %; heavy 8x H100 jobs (76 % of rating) -6 % for a
 * step of which three quarters are matrix products.
 * @source acme
 * @source latif
 * @source newkirk
 * @source mlenergy
 * @source ma-decode-power
 * @source fleet-sim
 */

export interface PhaseActivity {
  /** Share of (limit - idle) that is added to idle power. */
  readonly value: number;
  /** What else was measured or could be meant. */
  readonly range: readonly [low: number, high: number];
  readonly basis: "measured" | "assumed";
  readonly source: string;
  readonly reason: string;
}

export interface PowerCalibration {
  /** Idle power over the board limit. */
  readonly idle: PhaseActivity;
  readonly phases: Readonly<Record<"compute" | "memory" | "communication" | "idle", PhaseActivity>>;
  /** Of the rated overhead (node rating less accelerators): at idle, and with all accelerators at their limit. */
  readonly host: { readonly idle: PhaseActivity; readonly loaded: PhaseActivity };
}

export const powerCalibration: PowerCalibration = {
  idle: { value: 0.157, range: [0.1, 0.17], basis: "measured", source: "acme", reason: "A100: 63 of 400 W" },
  phases: {
    compute: {
      value: 1,
      range: [0.9, 1.1],
      basis: "measured",
      source: "acme",
      reason: "large matrix products hold an A100 at its limit (p90 395-404, p99 439-442 of 400 W)",
    },
    memory: {
      value: 0.32,
      range: [0.05, 0.76],
      basis: "measured",
      source: "mlenergy",
      reason: "H100 streaming weights at batch 1: 300 of 700 W; H200 decode 137-300 W, B200 decode 590-795 of 1,000 W",
    },
    communication: {
      value: 0.32,
      range: [0.1, 0.5],
      basis: "assumed",
      source: "mlenergy",
      reason: "no public figure; taken as the memory phase, since a collective moves bytes and multiplies nothing",
    },
    idle: {
      value: 0.1,
      range: [0, 0.32],
      basis: "assumed",
      source: "acme",
      reason: "no public figure for a rank that waits: clocks stay up, kernels poll",
    },
  },
  host: {
    idle: {
      value: 0.29,
      range: [0.28, 0.31],
      basis: "measured",
      source: "acme",
      reason: "(1,460 - 8 x 63) of 3,300 W",
    },
    loaded: {
      value: 0.61,
      range: [0.5, 0.92],
      basis: "measured",
      source: "latif",
      reason: "(8,400 - 8 x 700) of 4,600 W",
    },
  },
};
