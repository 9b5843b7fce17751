import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { operations } from "../../src/operations/index.ts";
import { type MemoryHost, memoryHost } from "../../test/memory-host.ts";
import { runCli, type Terminal } from "./cli.ts";
import { renderExplain } from "./render/explain.ts";
import { plainView } from "./view.ts";

const scenario = `windtunnel: 1
name: small
cluster: { node: hgx-h100, nodes: 4 }
workload: { kind: training, model: llama-3.1-70b, sequenceLength: 8192, globalBatch: 128, tokens: 1T }
layout: { tensor: 8, pipeline: 2, microBatch: 1 }
`;

interface Run {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

async function run(words: readonly string[], host: MemoryHost = files()): Promise<Run> {
  let [out, error] = ["", ""];
  const terminal: Terminal = {
    host,
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    view: plainView,
    errorView: plainView,
  };
  const code = await runCli(words, terminal);
  return { code, out, error };
}

function files(): MemoryHost {
  return memoryHost({
    "s.yaml": scenario,
    "-": scenario,
    "bad.yaml": scenario.replace("hgx-h100", "hgx-h10").replace("tensor: 8", "tenzor: 8"),
    "large.yaml": scenario.replace("nodes: 4", "nodes: 2").replace("70b", "405b"),
  });
}

describe("an explanation", () => {
  it("has columns wherever it has rows, and names the host where copies outlast computation", async () => {
    const text = scenario
      .replace("node: hgx-h100", 'node: { extends: hgx-h100, host: { link: "1 GB/s" } }')
      .replace("pipeline: 2", "pipeline: 2, activationOffload: 1");
    const { out } = await run(["explain", "s.yaml"], memoryHost({ "s.yaml": text }));
    expect(out).toMatch(/what binds +link to host memory: 1 % more of it takes (0\.9\d|1\.00) % off the step/);
    expect(out).toMatch(/step time.*\n +link to host memory +-(0\.9|1\.0)/);
    const output = await operations.explain.run({ scenario: "s.yaml" }, files());
    const still = output.sensitivities.map((each) => ({ ...each, elasticity: {} }));
    const lines = renderExplain({ ...output, sensitivities: still }, plainView).split("\n");
    expect(lines[lines.findIndex((line) => line.startsWith("Sensitivity")) + 1]).toMatch(/ step time$/);
    expect(lines.find((line) => line.startsWith("  memory bandwidth"))).toMatch(/ 0$/);
  });
});

describe("exit codes and streams", () => {
  it("0: the answer on standard output, nothing on standard error", async () => {
    const { code, out, error } = await run(["predict", "s.yaml"]);
    expect([code, error]).toEqual([0, ""]);
    expect(out).toContain("step time");
    expect(out).toContain("Where the step goes");
    expect(out).toContain("Assumptions");
  });

  it("0: --json is exactly one document", async () => {
    const { code, out, error } = await run(["predict", "s.yaml", "--json"]);
    expect([code, error]).toEqual([0, ""]);
    expect(JSON.parse(out)).toMatchObject({ name: "small", kind: "training", feasible: true });
  });

  it("1: problems on standard error, one a line with place and hint", async () => {
    const { code, out, error } = await run(["predict", "bad.yaml"]);
    expect([code, out]).toEqual([1, ""]);
    expect(error).toBe(
      [
        "error: 2 problems",
        '  bad.yaml:3:18 cluster.node: unknown node "hgx-h10"; did you mean "hgx-h100"?',
        '  bad.yaml:5:11 layout.tenzor: unknown key "tenzor"; did you mean "tensor"?',
        "",
      ].join("\n"),
    );
  });

  it("1: with --json the problems are the document", async () => {
    const { code, out, error } = await run(["predict", "bad.yaml", "--json"]);
    expect([code, error]).toEqual([1, ""]);
    expect(JSON.parse(out)).toEqual({
      problems: [
        {
          path: "cluster.node",
          message: 'unknown node "hgx-h10"',
          hint: 'did you mean "hgx-h100"?',
          location: { file: "bad.yaml", line: 3, column: 18 },
        },
        {
          path: "layout.tenzor",
          message: 'unknown key "tenzor"',
          hint: 'did you mean "tensor"?',
          location: { file: "bad.yaml", line: 5, column: 11 },
        },
      ],
    });
  });

  it("2: a design that does not fit is still printed, with what binds", async () => {
    const text = await run(["predict", "large.yaml"]);
    expect(text.code).toBe(2);
    expect(text.out).toMatch(/memory +does not fit .* of 80 GiB/);
    expect(text.out).toMatch(/what binds .*needs .* too much/);
    const json = await run(["explain", "large.yaml", "--json"]);
    expect(json.code).toBe(2);
    expect(JSON.parse(json.out)).toMatchObject({
      prediction: { fit: "does-not-fit", binding: { resource: expect.any(String) } },
    });
  });

  it("3: our own fault, without a stack", async () => {
    const broken: MemoryHost = { ...files(), read: () => Promise.reject(new TypeError("x is undefined")) };
    const { code, error } = await run(["predict", "s.yaml"], broken);
    expect(code).toBe(3);
    expect(error).toContain("fault of Windtunnel");
    expect(error).not.toContain(" at ");
    const json = await run(["predict", "s.yaml", "--json"], broken);
    expect(JSON.parse(json.out)).toHaveProperty("error");
  });

  it.each([
    [["predict"], /missing argument <scenario>; see windtunnel predict --help/],
    [["predict", "s.yaml", "--jsn"], /unknown option "--jsn"; did you mean "--json"\?/],
    [["predict", "s.yaml", "extra"], /too many arguments: 2 given, 1 expected; see windtunnel predict --help/],
    [["predct", "s.yaml"], /unknown command "predct"; did you mean "predict"\?/],
    [["predict", "s.yaml", "--timeline"], /--timeline needs a FILE/],
    [["predict", "none.yaml"], /cannot read "none\.yaml": no such file/],
    [["explain", "s.yaml", "comunication"], /did you mean "communication"\?/],
    [["catalog", "node", "hgx-h10"], /did you mean "hgx-h100"\?/],
  ])("1: %j", async (words, expected) => {
    const text = await run(words as string[]);
    expect([text.code, text.out]).toEqual([1, ""]);
    expect(text.error).toMatch(expected);
    const json = await run([...(words as string[]), "--json"].filter((word) => word !== "--timeline"));
    if (words.includes("--timeline")) return;
    expect([json.code, json.error]).toEqual([1, ""]);
    expect(JSON.parse(json.out)).toHaveProperty("problems");
  });
});

describe("subcommands", () => {
  it.each([
    [["explain", "s.yaml"], /step time .*100\.0 %.*\n[\s\S]*Sensitivity/],
    [["explain", "s.yaml", "communication"], /exposed communication/],
    [["catalog"], /accelerator +\d+/],
    [["catalog", "node"], /hgx-h100/],
    [["catalog", "model", "llama-3.1-405b"], /total: 405,853,388,800/],
    [["support"], /layout: auto .*refused/],
    [["schema"], /"\$schema"/],
    [["--help"], /predict \[options\] <scenario>/],
    [["predict", "--help"], /Examples:\n {2}windtunnel predict scenario\.yaml/],
    [["--version"], /^\d+\.\d+\.\d+\n$/],
    [["predict", "-"], /small/],
  ])("%j", async (words, expected) => {
    const { code, out, error } = await run(words as string[]);
    expect([code, error]).toEqual([0, ""]);
    expect(out).toMatch(expected);
  });

  it.each([["explain", "s.yaml"], ["catalog"], ["catalog", "software"], ["support"], ["schema"]])(
    "%s %s --json is one document",
    async (...words) => {
      const { code, out } = await run([...words, "--json"]);
      expect(code).toBe(0);
      JSON.parse(out);
    },
  );

  it("writes the timeline and says so on standard error, not in the document", async () => {
    const host = files();
    const { code, out } = await run(["predict", "s.yaml", "--timeline", "t.json", "--json"], host);
    expect(code).toBe(0);
    JSON.parse(out);
    expect(JSON.parse(host.files.get("t.json") ?? "")).toHaveProperty("traceEvents");
  });

  it("keeps lines within the width", async () => {
    for (const words of [
      ["predict", "s.yaml"],
      ["explain", "s.yaml"],
    ]) {
      const { out } = await run(words);
      const long = out.split("\n").filter((line) => line.length > plainView.width && !line.includes("http"));
      expect(long).toEqual([]);
    }
  });
});

describe("the command itself", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const command = ["--import", "tsx", "apps/cli/main.ts"];
  const spawned = (words: readonly string[], input = ""): Run => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...command, ...words], {
      cwd: root,
      input,
      encoding: "utf8",
    });
    return { code: status ?? -1, out: stdout, error: stderr };
  };

  it("reads standard input and exits 0, 1 and 2", () => {
    const good = spawned(["predict", "-", "--json"], scenario);
    expect([good.code, good.error]).toEqual([0, ""]);
    expect(JSON.parse(good.out)).toMatchObject({ name: "small" });
    const bad = spawned(["predict", "-"], scenario.replace("tensor: 8", "tensor: 3"));
    expect([bad.code, bad.out]).toEqual([1, ""]);
    expect(bad.error).toContain("stdin:5:");
    expect(bad.error).not.toMatch(/\n\s+at /);
    const large = spawned(["predict", "-"], scenario.replace("nodes: 4", "nodes: 2").replace("70b", "405b"));
    expect(large.code).toBe(2);
  });

  it("suggests a file of nearly that name", () => {
    const { code, error } = spawned(["predict", "examples/llama-3.1-405b-16384-h100/scenario.yml"]);
    expect(code).toBe(1);
    expect(error).toContain('did you mean "scenario.yaml"?');
  });

  it("survives a reader that closes early", () => {
    const text = execFileSync("sh", ["-c", `${process.execPath} ${command.join(" ")} schema | head -c 20`], {
      cwd: root,
      encoding: "utf8",
    });
    expect(text).toHaveLength(20);
  });

  it("has the version of package.json", () => {
    const { version } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as { version: string };
    expect(spawned(["--version"]).out).toBe(`${version}\n`);
  });
});
