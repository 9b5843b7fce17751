/** Serving rows that no scenario can say, and why. */

type Rule = readonly [id: RegExp, reason: string];

export const unreadable: readonly Rule[] = [
  [/^deepseek-v3r1-online/, "a day of a whole service: lengths, arrivals and replicas of every hour are not stated"],
  [
    /^lmsys-ep-decode/,
    "the rate of a decode pool alone, inside a disaggregated service whose prefill is not described",
  ],
  [/^vllm-dsr1-gb200/, "rates of prefill and of decode accelerators, each of its own pool; the load is not stated"],
  [/^vllm-qwen35-397b/, "the best of a sweep over concurrency and over prefill replicas; which of them is not stated"],
  [/^llmd-sticky-/, "each policy at its own load, which it sustained; lengths are ranges of a replayed conversation"],
  [/^llmd-latency-prediction/, "the model is not named"],
];
