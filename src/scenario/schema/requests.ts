/** `workload.requests:` of kind serving: a trace, arrivals in an open loop, users in a closed loop, or all at once. */

import { z } from "zod";
import { parseCount, parseQuantity, parseRatio } from "../../base/quantity.ts";
import { choice, count, expectation, list, quantity, ratio, strict, text } from "./fields.ts";

/** Tokens as written: so many, a law, or data; `resolve/request-lengths.ts` checks that it is one of them. */
export interface LengthObject {
  readonly mean?: number;
  readonly deviation?: number;
  readonly median?: number;
  readonly sigma?: number;
  readonly from?: number;
  readonly to?: number;
  readonly exponential?: number;
  readonly samples?: readonly number[];
  readonly histogram?: readonly { readonly upTo: number; readonly share: number }[];
  readonly file?: string;
  readonly least?: number;
  readonly most?: number;
}
export type LengthText = number | LengthObject;

/** Requests in a time, or so many times as dense as the trace has them. */
export interface RateText {
  readonly perSecond?: number;
  readonly factor?: number;
  /** `auto`: the largest that keeps the targets; `windtunnel search` answers it. */
  readonly auto?: true;
}

export interface PauseText {
  readonly mean: number;
  readonly law?: "constant" | "exponential" | "lognormal";
  readonly sigma?: number;
}

export type LatencyMetric = "timeToFirstToken" | "timePerOutputToken" | "interTokenLatency" | "endToEndLatency";
export type LatencyStatistic = "mean" | "p50" | "p90" | "p95" | "p99";
export type SloText = Readonly<Partial<Record<LatencyMetric, Readonly<Partial<Record<LatencyStatistic, number>>>>>>;

export interface RequestClassText {
  readonly name: string;
  readonly share: number;
  readonly priority?: number;
  readonly timeout?: number;
  readonly input?: LengthText;
  readonly output?: LengthText;
  readonly adapters?: readonly string[];
  readonly slo?: SloText;
}

export interface RequestsText {
  readonly trace?: string;
  readonly format?: string;
  readonly lengths?: string;
  readonly window?: { readonly from?: number; readonly to?: number };
  readonly ticks?: "as-recorded" | "spread";
  readonly longestPause?: number;
  readonly skipBadLines?: "on" | "off";
  readonly tooLong?: "refuse" | "cut";
  readonly arrivals?: "poisson" | "constant" | "gamma" | "weibull" | "burst";
  readonly variation?: number;
  readonly burstSize?: number;
  readonly rate?: RateText;
  readonly stages?: readonly { readonly rate: number; readonly duration: number }[];
  readonly users?: number;
  readonly thinkTime?: PauseText;
  readonly concurrency?: number;
  readonly count?: number;
  readonly duration?: number;
  readonly input?: LengthText;
  readonly output?: LengthText;
  readonly prefix?: {
    readonly groups?: number;
    readonly tokens: LengthText;
    readonly promptsPerGroup?: number;
    readonly order?: "in-turn" | "random";
  };
  readonly session?: { readonly turns: LengthText; readonly input?: LengthText; readonly pause?: PauseText };
  readonly classes?: readonly RequestClassText[];
  readonly timeout?: number;
  readonly adapters?: readonly string[];
}

/** Tokens of one request at most. */
const tokens = { atLeast: 1, atMost: 100_000_000 };

const lengthObject = strict(
  () => ({
    mean: count("Mean of a normal distribution, with deviation.", tokens).exactOptional(),
    deviation: count("Its standard deviation.", { ...tokens, atLeast: 0 }).exactOptional(),
    median: count("Median of a log-normal distribution, with sigma.", tokens).exactOptional(),
    sigma: ratio("Standard deviation of the logarithm.", { atLeast: 0, atMost: 10 }).exactOptional(),
    from: count("Least of a uniform distribution, with to.", tokens).exactOptional(),
    to: count("Most of it, included.", tokens).exactOptional(),
    exponential: count("Mean of an exponential distribution.", tokens).exactOptional(),
    samples: list(count("Tokens of one request.", tokens), "Values, every one as likely.").exactOptional(),
    histogram: list(
      strict(() => ({
        upTo: count("Longest of these, in tokens.", tokens),
        share: ratio("Share of all requests.", { above: 0, atMost: 1 }),
      })),
      "Shares of requests by length: longer than the entry before, up to this one.",
    ).exactOptional(),
    file: text("Path to a text file with one length a line, from the folder of the scenario.").exactOptional(),
    least: count("Shorter ones are made so long. Default 1.", tokens).exactOptional(),
    most: count("Longer ones are cut to it. Default: no limit.", tokens).exactOptional(),
  }),
  "e.g. { mean: 1024, deviation: 200 }",
);

/** A bare number, or text with a prefix, of an `alternative`; the object beside it keeps its own problems. */
function countOr<Value>(object: z.ZodType<Value>, description: string, most: number): z.ZodType<number | Value> {
  const hint = "e.g. 1024, { mean: 1024, deviation: 200 }, { median: 800, sigma: 1 } or { from: 100, to: 2000 }";
  return z
    .union([z.number(), z.string(), object], { error: expectation({ expected: "a count or a distribution", hint }) })
    .transform((found, context) => {
      if (typeof found !== "number" && typeof found !== "string") return found as Value;
      const parsed = parseCount(found);
      if (parsed.ok && parsed.value >= 1 && parsed.value <= most) return parsed.value;
      const message = parsed.ok ? `found ${found}, expected a count from 1 to ${most}` : parsed.message;
      context.addIssue({ code: "custom", message, params: { hint } });
      return z.NEVER;
    })
    .meta({ description }) as unknown as z.ZodType<number | Value>;
}

/** Tokens of requests: a count, a law, or data. */
export const lengthField = (description: string): z.ZodType<LengthText> =>
  countOr(
    lengthObject as unknown as z.ZodType<LengthObject>,
    `${description} A count; { mean, deviation }; { median, sigma }; { from, to }; { exponential }; { samples }; { histogram }; or { file }; with least and most.`,
    tokens.atMost,
  );

/** `12 /s`, or of a trace `1.5x`. */
const rateField: z.ZodType<RateText> = z
  .union([z.string(), z.number()], { error: expectation({ expected: "a rate", hint: 'write "12 /s", or "1.5x"' }) })
  .transform((found, context): RateText => {
    if (found === "auto") return { auto: true };
    const rate = parseQuantity(found, "perSecond");
    if (rate.ok && rate.value > 0) return { perSecond: rate.value };
    const factor = typeof found === "string" ? parseRatio(found) : rate;
    if (factor.ok && factor.value > 0 && /x\s*$/.test(String(found))) return { factor: factor.value };
    const message = rate.ok ? `found "${found}", expected a rate of more than 0` : rate.message;
    context.addIssue({ code: "custom", message, params: { hint: 'write "12 /s", or of a trace "1.5x"' } });
    return z.NEVER;
  })
  .meta({
    description:
      "Mean rate of arrivals (of sessions, where there are some), e.g. 12 /s; of a trace also how much denser, e.g. 1.5x; auto: the largest that keeps the targets (windtunnel search).",
  }) as unknown as z.ZodType<RateText>;

const pauseObject = strict(() => ({
  mean: quantity("seconds", "Mean.", { atLeast: 0 }),
  law: choice(["constant", "exponential", "lognormal"], "How it is spread. Default exponential.").exactOptional(),
  sigma: ratio("lognormal: standard deviation of the logarithm. Default 1.", {
    atLeast: 0,
    atMost: 10,
  }).exactOptional(),
}));

/** A time, always the same, or a law with a mean. */
const pauseField = (description: string): z.ZodType<PauseText> =>
  z
    .union([z.string(), pauseObject], {
      error: expectation({ expected: "a time", hint: 'e.g. "2 s", or { mean: 2 s, law: exponential }' }),
    })
    .transform((found, context): PauseText => {
      if (typeof found !== "string") return found as PauseText;
      const parsed = parseQuantity(found, "seconds");
      if (parsed.ok) return { mean: parsed.value, law: "constant" };
      context.addIssue({ code: "custom", message: parsed.message, params: { hint: parsed.hint } });
      return z.NEVER;
    })
    .meta({ description: `${description} A time, or { mean, law, sigma }.` }) as unknown as z.ZodType<PauseText>;

const statistics = (description: string) =>
  strict(() => ({
    mean: quantity("seconds", "Mean at most.").exactOptional(),
    p50: quantity("seconds", "Median at most.").exactOptional(),
    p90: quantity("seconds", "90th percentile at most.").exactOptional(),
    p95: quantity("seconds", "95th percentile at most.").exactOptional(),
    p99: quantity("seconds", "99th percentile at most.").exactOptional(),
  })).meta({ description });

/** Latency targets. */
export const sloField: z.ZodType<SloText> = strict(() => ({
  timeToFirstToken: statistics("From arrival to the first token.").exactOptional(),
  timePerOutputToken: statistics("Time between tokens, averaged over a request.").exactOptional(),
  interTokenLatency: statistics("Time between two tokens.").exactOptional(),
  endToEndLatency: statistics("From arrival to the last token.").exactOptional(),
})).meta({ description: "Latency targets, e.g. timeToFirstToken: { p99: 1 s }." }) as unknown as z.ZodType<SloText>;

const timeout = quantity("seconds", "A client gives up so long after its request. Default never.");
const adapters = list(text("Name of an adapter."), "Adapters (LoRA) that requests are spread over evenly.");

const requestClass = strict(() => ({
  name: text("Name of the class."),
  share: ratio("Share of all requests; shares add up to 1.", { above: 0, atMost: 1 }),
  priority: count("Smaller is served first, where an engine looks at it. Default 0.", { atLeast: 0 }).exactOptional(),
  timeout: timeout.exactOptional(),
  input: lengthField("Prompt tokens. Default those of requests.").exactOptional(),
  output: lengthField("Generated tokens. Default those of requests.").exactOptional(),
  adapters: adapters.exactOptional(),
  slo: sloField.exactOptional(),
})).meta({ description: "Requests that are treated and judged alike." });

const trace = {
  trace: text("Path to recorded requests, from the folder of the scenario.").exactOptional(),
  format: text(
    "Format of the trace, e.g. mooncake (`windtunnel catalog trace`). Default: found out from its content.",
  ).exactOptional(),
  lengths: text("Path to the file of lengths, for traces that keep them apart (ServeGen).").exactOptional(),
  window: strict(() => ({
    from: quantity("seconds", "Requests before it are left out. Default 0 s.", { atLeast: 0 }).exactOptional(),
    to: quantity("seconds", "Requests from then on are left out. Default the end.").exactOptional(),
  }))
    .meta({ description: "The part of a trace that is replayed, in times of the trace." })
    .exactOptional(),
  ticks: choice(
    ["as-recorded", "spread"],
    "Requests of a trace with equal stamps come together, or spread over the time until the next stamp. Default as-recorded.",
  ).exactOptional(),
  longestPause: quantity(
    "seconds",
    "Longer pauses between turns of a trace are cut to it. Default: none is.",
  ).exactOptional(),
  skipBadLines: choice(
    ["on", "off"],
    "Count malformed lines of a trace instead of refusing it. Default off.",
  ).exactOptional(),
  tooLong: choice(
    ["refuse", "cut"],
    "Requests of a trace that are longer than the engine takes: a problem, or cut to what it takes. Default refuse.",
  ).exactOptional(),
};

const described = {
  arrivals: choice(
    ["poisson", "constant", "gamma", "weibull", "burst"],
    "Law of the gaps between arrivals, which do not wait for answers.",
  ).exactOptional(),
  variation: ratio("gamma, weibull: standard deviation of the gaps over their mean.", {
    above: 0,
    atMost: 100,
  }).exactOptional(),
  burstSize: count("burst: requests that arrive together.").exactOptional(),
  rate: rateField.exactOptional(),
  stages: list(
    strict(() => ({
      rate: quantity("perSecond", "Requests per second; 0 /s for a pause.", { atLeast: 0 }),
      duration: quantity("seconds", "So long."),
    })),
    "Rates one after the other, instead of rate; backlog carries over.",
  ).exactOptional(),
  users: count("Users, each of whom waits for an answer before the next request.").exactOptional(),
  thinkTime: pauseField("users: between an answer and the next request. Default 0 s.").exactOptional(),
  concurrency: count(
    "At most so many under way; what arrives beyond waits in the client, uncounted. Default: no limit.",
  ).exactOptional(),
  count: count("Requests in all (of sessions: sessions); of a trace the first so many.").exactOptional(),
  duration: quantity("seconds", "Arrivals end after it, instead of count.").exactOptional(),
  input: lengthField("Prompt tokens; of a session those of the first turn.").exactOptional(),
  output: lengthField("Generated tokens.").exactOptional(),
  prefix: strict(() => ({
    groups: count("Different prefixes. Default 1.").exactOptional(),
    tokens: lengthField("Tokens of a prefix, before the input."),
    promptsPerGroup: count("Different prompts behind a prefix. Default: every prompt is its own.").exactOptional(),
    order: choice(["in-turn", "random"], "Which group a request takes. Default random.").exactOptional(),
  }))
    .meta({ description: "Prefixes that requests have in common, as system prompts." })
    .exactOptional(),
  session: strict(() => ({
    turns: lengthField("Turns of a session."),
    input: lengthField("New prompt tokens of every turn after the first. Default the input.").exactOptional(),
    pause: pauseField("Between the end of a turn and the next. Default 0 s.").exactOptional(),
  }))
    .meta({ description: "Conversations: each turn's prompt repeats what came before." })
    .exactOptional(),
  classes: list(requestClass, "Classes of requests. Default one, with everything.").exactOptional(),
  timeout: timeout.exactOptional(),
  adapters: adapters.exactOptional(),
};

/** Requests as written; one of trace, arrivals, users or neither (all at once): `resolve/requests.ts` checks which. */
export const requestsField: z.ZodType<RequestsText> = strict(
  () => ({ ...trace, ...described }),
  "e.g. requests: { arrivals: poisson, rate: 12 /s, count: 10k, input: 1024, output: 256 }, or { trace: FILE }",
).meta({
  description: "A trace; or arrivals with a rate; or users who wait for answers; or a batch: count and concurrency.",
}) as unknown as z.ZodType<RequestsText>;
