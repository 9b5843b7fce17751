/**
 * Results that benchmarks write, in the names of predictions and in seconds: `vllm bench serve --save-result` and
 * `sglang.bench_serving` (milliseconds), AIPerf and GenAI-Perf (a unit with each metric), inference-perf (seconds).
 *
 * What AIPerf calls inter token latency is (latency - first token) / (tokens - 1) of a request: time per output token
 * here. Ignores: single requests, which some of them write too.
 * @source vllm-bench-serve @source sglang-bench-serving @source aiperf @source inference-perf-results
 */

export interface Results {
  readonly program: string;
  /** Metrics by the name of the prediction. */
  readonly values: Readonly<Record<string, number>>;
  readonly tokens: { readonly input?: number; readonly output?: number };
  readonly notes: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

/** Undefined where the text is no JSON object, or none that is known. Of JSON lines the last one counts. */
export function readResults(text: string): Results | undefined {
  const value = objectOf(text);
  if (value === undefined) return undefined;
  if (isObject(value.successes)) return inferencePerf(value);
  if ("mean_ttft_ms" in value || "output_throughput" in value) return bench(value);
  return isObject(value.time_to_first_token) || isObject(value.request_latency) ? aiperf(value) : undefined;
}

function objectOf(text: string): Json | undefined {
  const lines = text.trim().split("\n");
  for (const candidate of [text, lines.at(-1) ?? ""]) {
    try {
      const value: unknown = JSON.parse(candidate);
      if (isObject(value)) return value;
    } catch (error) {
      // Not JSON as a whole, or not the last line: another file, which the caller says.
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function numberIn(value: Json, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const found = value[name];
    if (typeof found === "number" && Number.isFinite(found)) return found;
  }
  return undefined;
}

const perSecondOfMilli = 1e-3;

/** Their short names of latencies. */
const benchLatencies = {
  timeToFirstToken: ["ttft"],
  timePerOutputToken: ["tpot"],
  interTokenLatency: ["itl"],
  endToEndLatency: ["e2el", "e2e_latency"],
} as const;

/** Their names of statistics. */
const benchStatistics = { mean: "mean", p50: "median", p90: "p90", p95: "p95", p99: "p99" } as const;

function bench(value: Json): Results {
  const values: Record<string, number> = {};
  for (const [latency, names] of Object.entries(benchLatencies)) {
    for (const [statistic, word] of Object.entries(benchStatistics)) {
      const found = numberIn(
        value,
        ...names.flatMap((name) => [`${word}_${name}_ms`, ...(statistic === "p50" ? [`p50_${name}_ms`] : [])]),
      );
      if (found !== undefined) values[`${latency}.${statistic}`] = found * perSecondOfMilli;
    }
  }
  put(values, "requestsPerSecond", numberIn(value, "request_throughput"));
  put(values, "outputTokensPerSecond", numberIn(value, "output_throughput"));
  put(values, "totalTokensPerSecond", numberIn(value, "total_token_throughput", "total_throughput"));
  const completed = numberIn(value, "completed") ?? 0;
  const mean = (total: number | undefined): number | undefined =>
    total === undefined || completed === 0 ? undefined : total / completed;
  const asked = numberIn(value, "num_prompts");
  const lost = asked !== undefined && completed > 0 && completed < asked;
  return {
    program:
      "total_input_text_tokens" in value || "mean_e2e_latency_ms" in value
        ? "sglang.bench_serving"
        : "vllm bench serve",
    values,
    tokens: tokensOf(mean(numberIn(value, "total_input_tokens")), mean(numberIn(value, "total_output_tokens"))),
    notes: lost ? [`${asked - completed} of ${asked} requests did not complete`] : [],
  };
}

const aiperfLatencies: Readonly<Record<string, string>> = {
  timeToFirstToken: "time_to_first_token",
  timePerOutputToken: "inter_token_latency",
  endToEndLatency: "request_latency",
};

const aiperfRates: Readonly<Record<string, string>> = {
  requestsPerSecond: "request_throughput",
  outputTokensPerSecond: "output_token_throughput",
  totalTokensPerSecond: "total_token_throughput",
};

/** Seconds of the units that they print. */
const unitSeconds: Readonly<Record<string, number>> = { s: 1, sec: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 };

function aiperf(value: Json): Results {
  const values: Record<string, number> = {};
  for (const [latency, name] of Object.entries(aiperfLatencies)) {
    const block = value[name];
    if (!isObject(block)) continue;
    const scale = unitSeconds[String(block.unit)];
    if (scale === undefined) continue;
    for (const [statistic, word] of Object.entries({ mean: "avg", p50: "p50", p90: "p90", p95: "p95", p99: "p99" })) {
      const found = numberIn(block, word);
      if (found !== undefined) values[`${latency}.${statistic}`] = found * scale;
    }
  }
  const average = (name: string): number | undefined => {
    const block = value[name];
    return isObject(block) ? numberIn(block, "avg") : undefined;
  };
  for (const [rate, name] of Object.entries(aiperfRates)) put(values, rate, average(name));
  const errors = average("error_request_count") ?? 0;
  return {
    program: "AIPerf",
    values,
    tokens: tokensOf(average("input_sequence_length"), average("output_sequence_length")),
    notes: errors > 0 ? [`${errors} requests failed`] : [],
  };
}

const inferenceLatencies: Readonly<Record<string, string>> = {
  timeToFirstToken: "time_to_first_token",
  timePerOutputToken: "time_per_output_token",
  interTokenLatency: "inter_token_latency",
  endToEndLatency: "request_latency",
};

const inferenceRates: Readonly<Record<string, string>> = {
  requestsPerSecond: "requests_per_sec",
  outputTokensPerSecond: "output_tokens_per_sec",
  totalTokensPerSecond: "total_tokens_per_sec",
};

function inferencePerf(value: Json): Results {
  const { successes, failures } = value;
  const values: Record<string, number> = {};
  const below = (outer: unknown, name: string): Json => {
    const found = isObject(outer) ? outer[name] : undefined;
    return isObject(found) ? found : {};
  };
  const latency = below(successes, "latency");
  for (const [name, word] of Object.entries(inferenceLatencies)) {
    for (const [statistic, field] of Object.entries({
      mean: "mean",
      p50: "median",
      p90: "p90",
      p95: "p95",
      p99: "p99",
    })) {
      put(values, `${name}.${statistic}`, numberIn(below(latency, word), field, statistic));
    }
  }
  const throughput = below(successes, "throughput");
  for (const [name, word] of Object.entries(inferenceRates)) put(values, name, numberIn(throughput, word));
  const failed = isObject(failures) ? (numberIn(failures, "count") ?? 0) : 0;
  return {
    program: "inference-perf",
    values,
    tokens: tokensOf(
      numberIn(below(successes, "prompt_len"), "mean"),
      numberIn(below(successes, "output_len"), "mean"),
    ),
    notes: failed > 0 ? [`${failed} requests failed`] : [],
  };
}

function put(values: Record<string, number>, name: string, value: number | undefined): void {
  if (value !== undefined) values[name] = value;
}

function tokensOf(input: number | undefined, output: number | undefined): Results["tokens"] {
  return { ...(input === undefined ? {} : { input }), ...(output === undefined ? {} : { output }) };
}
