/**
 * The requests of a launch: arguments of the program that loads the engine. Where a launch has none, the user is asked,
 * and the requests are those that the engines' own benchmark sends by default.
 *
 * Ignores: texts of data sets (their lengths are asked for), and warm-up requests.
 * @source vllm-bench-serve @source sglang-bench-serving @source trtllm-bench
 */

import { assume, complain, countOf, credit, find, numberOf, put, realOf, type Setting, type Sheet } from "../sheet.ts";

const base = "workload.requests";

/** What `vllm bench serve` and `sglang.bench_serving` send where nothing is said. @source vllm-bench-serve */
const defaults = { count: 1000, input: 1024, output: 128 } as const;

/** Names by meaning; each may be given with `--set`. */
const names = {
  rate: ["request-rate"],
  concurrency: ["max-concurrency", "concurrency"],
  count: ["num-prompts", "num-prompt", "num-requests"],
  burstiness: ["burstiness"],
  input: ["random-input-len", "random-input", "input-len", "sonnet-input-len", "input-mean"],
  output: [
    "random-output-len",
    "random-output",
    "output-len",
    "sonnet-output-len",
    "sharegpt-output-len",
    "output-mean",
  ],
  prefix: ["random-prefix-len", "sonnet-prefix-len"],
  ratio: ["random-range-ratio"],
  inputSpread: ["input-stdev"],
  outputSpread: ["output-stdev"],
} as const;

const known: readonly string[] = Object.values(names).flat();

/** True for a name that says something of requests, as `--set` gives it. */
export function isRequestName(name: string): boolean {
  return known.includes(bare(name));
}

function bare(name: string): string {
  return name.replace(/^-+/, "").replaceAll("_", "-");
}

/** Writes `workload.requests`. */
export function placeRequests(sheet: Sheet, program: string): void {
  const setting = (meaning: keyof typeof names): Setting | undefined =>
    find(sheet, ...names[meaning].map((name) => `bench --${name}`));
  if (program === "" && Object.keys(names).every((name) => setting(name as keyof typeof names) === undefined)) {
    sheet.asked.push({
      what: "the requests",
      option: "--set request-rate=N --set random-input-len=N --set random-output-len=N --set num-prompts=N",
      taken: `those of vllm bench serve by default: ${defaults.count} at once, ${defaults.input} tokens in, ${defaults.output} out`,
    });
  }
  placeArrivals(sheet, setting("rate"), setting("burstiness"), setting("concurrency"));
  placeCount(sheet, setting("count"));
  const ratio = setting("ratio");
  const law = lawOf(sheet, program, ratio);
  credit(sheet, ratio, `${base}.input`);
  for (const side of ["input", "output"] as const) {
    placeLength(sheet, side, { setting: setting(side), spread: setting(`${side}Spread`), law, program });
  }
  placePrefix(sheet, setting("prefix"));
}

/** An open loop where there is a rate, else so many at once. @source vllm-bench-serve */
function placeArrivals(
  sheet: Sheet,
  rate: Setting | undefined,
  burstiness: Setting | undefined,
  concurrency: Setting | undefined,
): void {
  const endless = rate === undefined || /^(inf|infinity)$/i.test(rate.text);
  const most = numberOf(concurrency?.value ?? null);
  if (endless) {
    credit(sheet, rate, `${base}.arrivals`);
    if (burstiness !== undefined) sheet.idle.set(burstiness, "without a rate");
    if (concurrency === undefined) return;
    if (most !== undefined && most <= 0) sheet.idle.set(concurrency, "no limit");
    else put(sheet, `${base}.concurrency`, countOf(sheet, concurrency), concurrency);
    return;
  }
  const perSecond = realOf(sheet, rate);
  if (perSecond !== undefined && !(perSecond > 0)) {
    complain(sheet, rate, `found "${rate.text}", expected requests per second`, "a number above 0, or inf");
  }
  placeLaw(sheet, burstiness);
  put(sheet, `${base}.rate`, `${perSecond} /s`, rate);
  if (concurrency !== undefined) sheet.unmodelled.set(concurrency, "a limit beside a rate: arrivals do not wait here");
}

/** Gaps follow a gamma law of shape b, of which 1 is Poisson: their variation is 1 / sqrt(b). */
function placeLaw(sheet: Sheet, burstiness: Setting | undefined): void {
  const shape = realOf(sheet, burstiness);
  const key = `${base}.arrivals`;
  if (shape === undefined || shape === 1) put(sheet, key, "poisson", burstiness);
  else if (shape > 0) {
    put(sheet, key, "gamma", burstiness);
    put(sheet, `${base}.variation`, 1 / Math.sqrt(shape), burstiness);
  } else complain(sheet, burstiness, `found "${burstiness?.text}", expected a number above 0`);
}

function placeCount(sheet: Sheet, setting: Setting | undefined): void {
  const count = setting === undefined ? defaults.count : countOf(sheet, setting);
  if (count !== undefined) put(sheet, `${base}.count`, count, setting);
  if (setting === undefined) assume(sheet, `${base}.count`, defaults.count, "not given: as vllm bench serve does");
}

/** How lengths spread about the one that is named. */
type Law = (length: number) => number | { readonly from: number; readonly to: number };

/**
 * Uniform lengths: `vllm bench serve` draws from l (1 - r) to l (1 + r); its older script, those made from it, and
 * SGLang's draw from l r to l.
 */
function lawOf(sheet: Sheet, program: string, ratio: Setting | undefined): Law {
  const both = program === "" || /bench serve$/.test(program);
  const share = realOf(sheet, ratio) ?? (/^sglang/.test(program) ? 0 : undefined);
  if (share === undefined) return (length) => length;
  if (share < 0 || share > 1) {
    complain(sheet, ratio, `found "${ratio?.text}", expected a ratio from 0 to 1`);
    return (length) => length;
  }
  return (length) => {
    const [from, to] = both ? [length * (1 - share), length * (1 + share)] : [length * share, length];
    const range = { from: Math.max(1, Math.floor(from)), to: Math.max(1, Math.floor(to)) };
    return range.from === range.to ? range.from : range;
  };
}

interface LengthFacts {
  readonly setting: Setting | undefined;
  readonly spread: Setting | undefined;
  readonly law: Law;
  readonly program: string;
}

function placeLength(sheet: Sheet, side: "input" | "output", { setting, spread, law, program }: LengthFacts): void {
  const key = `${base}.${side}`;
  if (setting === undefined) {
    if (program !== "") askLength(sheet, side);
    put(sheet, key, defaults[side]);
    return;
  }
  const length = countOf(sheet, setting);
  const deviation = numberOf(spread?.value ?? null) ?? 0;
  credit(sheet, spread, key);
  if (length === undefined) return;
  const word = setting.name.replace(/^bench --/, "");
  const random = /^(random|input|output)/.test(word) && !/mean$/.test(word);
  put(sheet, key, deviation > 0 ? { mean: length, deviation } : random ? law(length) : length, setting);
}

function askLength(sheet: Sheet, side: "input" | "output"): void {
  const data = find(sheet, "bench --dataset-name", "bench --dataset");
  const what = data === undefined ? "" : `, which ${data.text} has`;
  const option = `--set random-${side}-len=N`;
  const tokens = side === "input" ? "prompt" : "generated";
  sheet.asked.push({ what: `the ${tokens} tokens${what}`, option, taken: String(defaults[side]) });
}

/** Tokens that all prompts begin with; sonnets count them in their input. */
function placePrefix(sheet: Sheet, setting: Setting | undefined): void {
  if (setting === undefined) return;
  const length = numberOf(setting.value);
  if (length === 0) {
    sheet.idle.set(setting, "no prefix");
    return;
  }
  const tokens = countOf(sheet, setting);
  if (tokens === undefined) return;
  put(sheet, `${base}.prefix.tokens`, tokens, setting);
  const input = sheet.values.get(`${base}.input`);
  if (!/sonnet/.test(setting.name) || typeof input !== "number") return;
  if (input > tokens) put(sheet, `${base}.input`, input - tokens);
  else complain(sheet, setting, `a prefix of ${tokens} tokens in prompts of ${input}`, "a shorter prefix");
}
