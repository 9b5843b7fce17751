import { describe, expect, it } from "vitest";
import { type Problem, ProblemError } from "../../../base/problem.ts";
import { describeRequests } from "../describe.ts";
import type { RequestList } from "../list.ts";
import { prefixReuse } from "../reuse.ts";
import { ChainedIds } from "./chained.ts";
import {
  asRecorded,
  detectFormat,
  inferencePerfSpec,
  type ReadOptions,
  readRequests,
  requestFormats,
  type TraceReading,
} from "./index.ts";
import { csvFields, eachLine } from "./lines.ts";

function read(format: string, text: string | Iterable<string>, options: Partial<ReadOptions> = {}): TraceReading {
  return readRequests(requestFormats.get(format), [{ name: "trace", text }], { ...asRecorded, ...options });
}

function problemsOf(format: string, text: string, options: Partial<ReadOptions> = {}): readonly Problem[] {
  try {
    read(format, text, options);
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
  return [];
}

function rowsOf(list: RequestList): { ids: number[]; parents: number[] }[] {
  return Array.from({ length: list.count }, (_, row) => ({
    ids: [...list.ids.subarray(list.idStart[row], list.idStart[row + 1])],
    parents: [...list.parents.subarray(list.parentStart[row], list.parentStart[row + 1])],
  }));
}

const starts = { law: { kind: "constant" }, rate: 0.5 } as const;

const session = {
  id: "s",
  block_size: 64,
  hash_id_scope: "local",
  requests: [
    { t: 0, type: "n", in: 130, out: 5, api_time: 2, think_time: 0, hash_runs: [1, 2] },
    { t: 10, type: "s", in: 260, out: 0, api_time: 1, think_time: 8, hash_runs: [1, 4] },
  ],
};

const profile = `
load:
  type: poisson
  interval: 2
  stages: [{ rate: 4, duration: 30 }, { rate: 8, duration: 30 }]
data:
  type: shared_prefix
  shared_prefix: { num_groups: 3, num_prompts_per_group: 2, system_prompt_len: 160, question_len: 32, output_len: 20 }
`;

const blisHeader =
  "request_id,client_id,slo_class,session_id,prefix_group,prefix_length,input_tokens,output_tokens,deadline_us,arrival_time_us,error_message,adapter";

/** The smallest good file of each format. */
const samples: Readonly<Record<string, string>> = {
  "agentic-sessions": `${JSON.stringify(session)}\n`,
  azure:
    "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 23:59:59.5000000,10,2\n2023-11-17 00:00:00.2500000,20,4\n",
  blis: `${blisHeader}\n0,c,fast,,g,32,10,4,0,1000000,"no, none",\n1,c,fast,,g,32,12,4,0,1500000,,lora\n`,
  "inference-perf": profile,
  vidur: "num_prefill_tokens,num_decode_tokens,num_total_tokens,pd_ratio\n3772,54,3826,69.9\n",
  mooncake: '{"timestamp": 0, "input_length": 600, "output_length": 5, "hash_ids": [0, 1]}\n',
  plain: '{"arrival": 0.5, "input": 12, "output": 3}\n{"t_us": 750000, "in": 1, "out": 1}\n',
  servegen: "client,window_start_s,rate_req_per_s,interarrival_cv,pattern,shape,scale\n0,0,1,1,Gamma,1,1\n",
  "token-file": '{"timestamp_ns": 46926808, "input_length": 33, "output_length": 5, "hash_ids": [7, 8]}\n',
};

describe("every format", () => {
  it("has a sample here", () => expect(Object.keys(samples).sort()).toEqual([...requestFormats.names].sort()));

  it.each(requestFormats.entries.map((format) => format.name))("%s is known by its beginning, alone", (name) => {
    const text = samples[name] as string;
    expect(requestFormats.entries.filter((format) => format.detect(text)).map((format) => format.name)).toEqual([name]);
    expect(detectFormat(text)?.name).toBe(name);
    expect(requestFormats.get(name).summary).toMatch(/^\S.*\S$/);
  });

  it.each(requestFormats.names.filter((name) => name !== "servegen"))(
    "%s reads the same in pieces, or with CRLF",
    (name) => {
      const text = samples[name] as string;
      const pieces = text.match(/[\s\S]{1,7}/g) as string[];
      const whole = read(name, text, { starts });
      expect(whole.list.count).toBeGreaterThan(0);
      expect(read(name, pieces, { starts })).toEqual(whole);
      if (name !== "inference-perf") expect(read(name, text.replaceAll("\n", "\r\n"), { starts })).toEqual(whole);
    },
  );

  it.each(requestFormats.names)("%s answers rubbish and nothing with problems", (name) => {
    for (const text of ["", "\n\n", "rubbish\nmore rubbish", '{"a": 1}\n[]\n12\n', "a,b,c\n1,2,3\n"]) {
      expect(problemsOf(name, text, { starts }).length).toBeGreaterThan(0);
      expect(problemsOf(name, text, { starts, badLines: "skip" }).length).toBeGreaterThan(0);
    }
  });

  it("no format knows rubbish", () => expect(detectFormat("rubbish")).toBeUndefined());
});

describe("bad lines", () => {
  const good = '{"arrival": 1, "input": 10, "output": 2}';
  const bad: readonly [string, RegExp][] = [
    ['{"arrival": 1, "input": 10', /JSON object/],
    ['{"arrival": 0.5, "input": 10, "output": 2}', /before 1 s/],
    ['{"arrival": -1, "input": 10, "output": 2}', /time -1/],
    ['{"arrival": 1, "input": 0, "output": 2}', /prompt of 0/],
    ['{"arrival": 1, "input": 1.5, "output": 2}', /prompt of 1.5/],
    ['{"arrival": 1, "input": 10}', /output of missing/],
    ['{"arrival": "x", "input": 10, "output": 1}', /time "x"/],
  ];

  it.each(bad)("%s is told with its line", (line, message) => {
    const [problem, ...others] = problemsOf("plain", `${good}\n\n${line}\n${good}\n`);
    expect(others).toEqual([]);
    expect(problem?.message).toMatch(message);
    expect(problem?.location).toEqual({ file: "trace", line: 3, column: 1 });
  });

  it("are all counted, listed to a limit, or skipped and counted", () => {
    const text = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? good : "?")).join("\n");
    const problems = problemsOf("plain", text);
    expect(problems).toHaveLength(21);
    expect(problems[20]?.message).toBe("5 further lines cannot be read");
    const reading = read("plain", text, { badLines: "skip" });
    expect([reading.list.count, reading.skipped]).toEqual([25, 25]);
    expect(problemsOf("plain", "?\n?", { badLines: "skip" })[0]?.message).toContain("none of 2 lines");
  });

  it("longer than the context are told, or cut: the prompt at its end, then the output", () => {
    const text = `${good}\n{"arrival": 2, "input": 90, "output": 30}\n{"arrival": 3, "input": 150, "output": 30}\n`;
    const problems = problemsOf("plain", text, { lengthMax: 100 });
    expect(problems.map(({ location }) => location?.line)).toEqual([2, 3]);
    expect(problems[0]?.message).toContain("90 + 30 tokens");
    const { list, clipped } = read("plain", text, { lengthMax: 100, longer: "clip" });
    expect([[...list.input], [...list.output], clipped]).toEqual([[10, 90, 99], [2, 10, 1], 2]);
  });

  it("at one time make no mean rate", () => {
    expect(problemsOf("plain", `${good}\n${good}`, { rate: { kind: "mean", rate: 3 } })[0]?.message).toContain(
      "one time",
    );
  });

  it("beyond the limit are not read", () => {
    const { list } = read("plain", `${good}\n${good}\nrubbish`, { limit: 2 });
    expect(list.count).toBe(2);
  });
});

describe("lines", () => {
  it("are counted with blank ones, and stop when told", () => {
    const seen: [string, number][] = [];
    eachLine("a\n\n  \nb\r\nc", (line, number) => {
      seen.push([line, number]);
      return line === "b" ? "stop" : undefined;
    });
    expect(seen).toEqual([
      ["a", 1],
      ["b", 4],
    ]);
  });

  it("of CSV may quote", () => {
    expect(csvFields('1,"a, ""b""",,x')).toEqual(["1", 'a, "b"', "", "x"]);
    expect(csvFields('"",2')).toEqual(["", "2"]);
  });
});

describe("ids", () => {
  it("of blocks by content become ids of prefixes", () => {
    const ids = new ChainedIds();
    const row = (...blocks: (number | string)[]): number[] => [...(ids.of(blocks) ?? [])];
    const first = row(2 ** 60, "b", 7);
    expect(first).toEqual([0, 1, 2]);
    expect(row(2 ** 60, "b", 7)).toEqual(first);
    // The same block behind another one is another prefix, and always the same other one.
    const other = row("b", 7);
    expect(other.some((id) => first.includes(id))).toBe(false);
    expect(row("b", 7)).toEqual(other);
    expect(ids.of([1, null])).toBeUndefined();
  });
});

describe("Mooncake", () => {
  const row = (fields: object): string =>
    JSON.stringify({ input_length: 1000, output_length: 10, hash_ids: [1, 2], ...fields });

  it("sessions wait for the turn before: the delay given, or the time between", () => {
    const text = [
      row({ timestamp: 0, session_id: "a" }),
      row({ timestamp: 500, session_id: "b" }),
      row({ session_id: "a", delay: 250 }),
      row({ timestamp: 4500, session_id: "b" }),
      row({ timestamp: 600 }),
    ].join("\n");
    const { list } = read("mooncake", text);
    expect(rowsOf(list).map(({ parents }) => parents)).toEqual([[], [], [0], [1], []]);
    expect([...list.release]).toEqual([0, 0.5, 0.25, 4, 0.6]);
    expect([...list.session]).toEqual([0, 1, 0, 1, -1]);
  });

  it("agents wait for all they name, then for delay and tools", () => {
    const text = [
      row({ request_id: "r0", timestamp: 100 }),
      row({ request_id: "r1", wait_for: ["r0"], delay: 20 }),
      row({ request_id: "r2", wait_for: ["r0"], tool_wait_ms: 30 }),
      row({ request_id: "r3", wait_for: ["r1", "r2"], delay: 5, tool_wait_ms: 30 }),
    ].join("\n");
    const { list } = read("mooncake", text);
    expect(rowsOf(list).map(({ parents }) => parents)).toEqual([[], [0], [0], [1, 2]]);
    expect([...list.release]).toEqual([0.1, 0.02, 0.03, 0.035]);
    const [problem] = problemsOf("mooncake", row({ wait_for: ["r9"], timestamp: 0 }));
    expect(problem?.message).toContain('wait_for "r9"');
  });

  it("a rate moves what comes by the clock, not what waits", () => {
    const text = [row({ timestamp: 1000, session_id: "a" }), row({ session_id: "a", delay: 250 })].join("\n");
    const { list } = read("mooncake", text, { rate: { kind: "factor", factor: 4 } });
    expect([...list.release]).toEqual([0.25, 0.25]);
  });

  it("content: too many ids are told; a broken last block is covered as far as the prompt", () => {
    expect(problemsOf("mooncake", row({ timestamp: 0, hash_ids: [1, 2, 3] }))[0]?.message).toContain("at most 2");
    expect(problemsOf("mooncake", row({ timestamp: 0, hash_ids: "x" }))[0]?.message).toContain("hash_ids");
    const { list } = read("mooncake", `${row({ timestamp: 0 })}\n${row({ timestamp: 0, hash_ids: undefined })}`);
    expect([...list.covered]).toEqual([1000, 0]);
    const coarse = read("mooncake", row({ timestamp: 0, input_length: 1600, hash_ids: [1, 2, 3, 4] }), {
      chunkTokens: 1024,
    });
    expect([coarse.list.chunkTokens, coarse.list.covered[0], rowsOf(coarse.list)[0]?.ids]).toEqual([
      1024,
      1600,
      [1, 3],
    ]);
    expect(problemsOf("mooncake", row({ timestamp: 0 }), { chunkTokens: 700 })[0]?.message).toContain("multiple");
  });
});

describe("Azure", () => {
  it("counts from its first row, over midnight and the end of a month", () => {
    expect([...read("azure", samples.azure as string).list.release]).toEqual([0, 0.75]);
    const text = "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-02-28 12:00:00,1,1\n2024-03-01 12:00:00+00:00,1,1\n";
    expect([...read("azure", text).list.release]).toEqual([0, 2 * 86400]);
  });

  it("tells times that go back and fields that are missing", () => {
    const head = "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-02-28 12:00:00,1,1\n";
    expect(problemsOf("azure", `${head}2024-02-28 12:00:05,1,1\n2024-02-28 12:00:04,1,1`)[0]?.message).toContain(
      "before 5 s",
    );
    expect(problemsOf("azure", `${head}2024-02-28 11:00:00,1,1`)[0]?.message).toContain("time -3600");
    expect(problemsOf("azure", `${head}2024-02-28 12:00:05,1`)[0]?.message).toContain("output of missing");
    expect(problemsOf("azure", `${head}noon,1,1`)[0]?.message).toContain('time "noon"');
  });
});

describe("agentic sessions", () => {
  it("need a law of starts, and say what is wrong inside a session", () => {
    expect(problemsOf("agentic-sessions", JSON.stringify(session))[0]?.hint).toContain("start");
    const broken = { ...session, requests: [{ ...session.requests[0], hash_runs: [1, 3] }] };
    expect(problemsOf("agentic-sessions", JSON.stringify(broken), { starts })[0]?.message).toContain(
      "requests[0]: more blocks",
    );
    const { list, notes } = read("agentic-sessions", JSON.stringify(session), { starts });
    expect([...list.output]).toEqual([5, 1]);
    expect(notes).toHaveLength(1);
  });

  it("are apart though their ids are alike", () => {
    const { list } = read("agentic-sessions", `${JSON.stringify(session)}\n${JSON.stringify(session)}`, { starts });
    expect(rowsOf(list).map(({ ids }) => ids)).toEqual([
      [1, 2],
      [1, 2, 3, 4],
      [6, 7],
      [6, 7, 8, 9],
    ]);
    expect([...list.release]).toEqual([0, 8, 2, 8]);
  });
});

describe("inference-perf", () => {
  it("cycles through its prompts in one shuffled order, stage after stage", () => {
    const { list, notes } = read("inference-perf", profile);
    const found = describeRequests(list);
    expect(notes).toEqual([]);
    expect([...new Set(list.input)]).toEqual([192]);
    expect([...new Set(list.output)]).toEqual([20]);
    const rows = rowsOf(list);
    for (let row = 6; row < list.count; row++) expect(rows[row]?.ids).toEqual(rows[row - 6]?.ids);
    expect(new Set(rows.map(({ ids }) => ids.join())).size).toBe(6);
    expect(new Set(rows.map(({ ids }) => ids.slice(0, 10).join())).size).toBe(3);
    expect(found.reuse.uniqueChunks).toBe(3 * 10 + 6 * 2);
    const between = [...list.release].filter((time) => time >= 30 && time < 32);
    expect(between).toEqual([]);
    const [first, second] = [
      [...list.release].filter((time) => time < 30),
      [...list.release].filter((time) => time >= 32),
    ];
    expect(Math.abs(first.length - 120)).toBeLessThan(5 * Math.sqrt(120));
    expect(Math.abs(second.length - 240)).toBeLessThan(5 * Math.sqrt(240));
  });

  it("reads newer names, random lengths, concurrency; JSON too", () => {
    const data = {
      type: "random",
      input_distribution: { mean: 500, std_dev: 50, min: 400, max: 600 },
      output_distribution: { mean: 100, std_dev: 0 },
    };
    const load = { type: "concurrent", stages: [{ num_requests: 40, concurrency_level: 8 }] };
    const { list } = read("inference-perf", JSON.stringify({ load, data }));
    expect([list.count, list.concurrency]).toEqual([40, 8]);
    expect(Math.min(...list.input)).toBeGreaterThanOrEqual(400);
    expect(Math.max(...list.input)).toBeLessThanOrEqual(600);
    const renamed = profile.replace("num_groups", "num_unique_system_prompts");
    expect(inferencePerfSpec(renamed, 1).spec?.prefix?.groups).toBe(3);
  });

  it("says what it cannot read", () => {
    const chat = profile.replace("num_groups", "enable_multi_turn_chat: true, num_groups");
    expect(inferencePerfSpec(chat, 1).problems.join()).toContain("enable_multi_turn_chat");
    expect(inferencePerfSpec(profile.replace("poisson", "trace_replay"), 1).problems.join()).toContain("load.type");
    expect(inferencePerfSpec(profile.replace("rate: 4", "rate: x"), 1).problems.join()).toContain("stages[0]");
    expect(inferencePerfSpec(profile.replace("poisson", "constant"), 1).notes.join()).toContain("jitter");
    expect(inferencePerfSpec("- 1", 1).problems).toHaveLength(1);
  });

  it("scales its stages", () => {
    const { list } = read("inference-perf", profile, { rate: { kind: "factor", factor: 10 } });
    expect(Math.abs(list.count / 3600 - 1)).toBeLessThan(0.1);
    expect(list.release[list.count - 1] as number).toBeGreaterThan(60);
  });
});

describe("BLIS", () => {
  it("adds prefixes to prompts, and shares them in a group", () => {
    const { list } = read("blis", samples.blis as string);
    expect([...list.input]).toEqual([42, 44]);
    expect([...list.covered]).toEqual([32, 32]);
    expect(prefixReuse(list).reused).toBe(2);
    expect([...list.release]).toEqual([1, 1.5]);
    expect([list.adapters, [...list.adapter]]).toEqual([["lora"], [-1, 0]]);
    expect(list.classes.map(({ name }) => name)).toEqual(["fast"]);
  });

  it("takes deadlines as time-outs of classes, and its YAML header as nothing", () => {
    const rows = `${blisHeader}\n0,c,fast,s1,,0,10,4,3000000,1000000,,\n1,c,fast,s1,,0,10,4,0,2000000,,\n`;
    const header = { name: "header.yaml", text: "trace_version: 2\ntime_unit: microseconds\n" };
    const { list } = readRequests(requestFormats.get("blis"), [header, { name: "t.csv", text: rows }], asRecorded);
    expect(list.classes.map(({ timeout }) => timeout)).toEqual([2, Number.POSITIVE_INFINITY]);
    expect([...list.classOf]).toEqual([0, 1]);
    expect([...list.session]).toEqual([0, 0]);
    const late = `${blisHeader}\n0,c,fast,s1,,0,10,4,500000,1000000,,\n`;
    expect(problemsOf("blis", late)[0]?.message).toContain("deadline_us");
  });
});

describe("length pairs", () => {
  it("come by their own times where they have them, else by a law", () => {
    const timed = "arrived_at,num_prefill_tokens,num_decode_tokens\n0.5,10,1\n2.5,20,2\n";
    expect([...read("vidur", timed).list.release]).toEqual([0.5, 2.5]);
    expect([...read("vidur", timed, { starts }).list.release]).toEqual([0, 2]);
    expect(problemsOf("vidur", samples.vidur as string)[0]?.message).toContain("time missing");
  });
});

describe("ServeGen", () => {
  it("needs both files", () => {
    expect(problemsOf("servegen", samples.servegen as string)[0]?.message).toContain("two files");
  });

  it("draws nothing outside its windows, and tells bad rows", () => {
    const lengths =
      '{"client":0,"window_start_s":0,"input_tokens":{"x":[5,7],"p":[0.5,0.4]},"output_tokens":{"x":[3],"p":[1]}}';
    const head = "client,window_start_s,rate_req_per_s,interarrival_cv,pattern,shape,scale";
    const rates = `${head}\n0,0,1,1,Gamma,1,1\n0,1200,1,1,Weibull,1,1\n`;
    const files = (text: string): { name: string; text: string }[] => [
      { name: "rates.csv", text },
      { name: "lengths.jsonl", text: lengths },
    ];
    const format = requestFormats.get("servegen");
    const { list } = readRequests(format, files(rates), asRecorded);
    expect([...list.release].filter((time) => time >= 600 && time < 1200)).toEqual([]);
    expect(Math.abs(list.count - 1200)).toBeLessThan(5 * Math.sqrt(1200));
    expect([...new Set(list.input)].sort()).toEqual([5, 7]);
    expect(() => readRequests(format, files(`${rates}1,0,1,1,Pareto,1,1\n`), asRecorded)).toThrow("rates.csv:4:1");
  });
});
