import { describe, expect, it } from "vitest";
import { type Problem, ProblemError } from "../../base/problem.ts";
import { parseScenario, scenarioFromValue } from "./parse.ts";

const good = `windtunnel: 1
name: small
cluster: { node: hgx-h100, nodes: 2 }
workload: { kind: training, model: llama-3.1-8b, sequenceLength: 8192, globalBatch: 64, tokens: 15.6T }
layout: { tensor: 2 }
`;

/** Problems of a text, as `line:column path: message; hint`. */
function complaints(text: string): string[] {
  try {
    parseScenario(text, { file: "s.yaml" });
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(line);
    throw error;
  }
  return [];
}

function line({ location, path, message, hint }: Problem): string {
  const place = location === undefined ? "-" : `${location.line}:${location.column}`;
  return `${place} ${path}: ${message}${hint === undefined ? "" : `; ${hint}`}`;
}

/** The good scenario with one line replaced. */
function replaced(number: number, text: string): string {
  const lines = good.split("\n");
  lines[number - 1] = text;
  return lines.join("\n");
}

describe("parseScenario", () => {
  it("reads YAML and JSON alike, in SI units", () => {
    const scenario = parseScenario(good);
    expect(scenario.workload).toMatchObject({ kind: "training", tokens: 15.6e12, sequenceLength: 8192 });
    const value = { windtunnel: 1, name: "j", cluster: { node: "hgx-h100", nodes: 2 }, layout: {} };
    const json = JSON.stringify({
      ...value,
      workload: { kind: "training", model: "llama-3.1-8b", sequenceLength: 8, globalBatch: 1 },
    });
    expect(parseScenario(json).cluster.nodes).toBe(2);
    expect(scenarioFromValue(JSON.parse(json)).name).toBe("j");
  });

  it("reads every section of the language", () => {
    const text = `${good}software: { extends: megatron-core@2024.07, overlap: { tensor: on }, bytes: { gradient: 2 B } }
seed: 7
reliability: { checkpoint: { every: 30 min }, spares: 32 }
economics: { acceleratorHour: 2.5 $/h, energy: 0.08 $/kWh, powerUsageEffectiveness: 1.2 }
flopConvention: palm
vary: { cluster.nodes: [1024, 2048], layout.tensor: { from: 1, to: 8, scale: log2 } }
objective: [ { minimize: cost }, { minimize: timeToTrain } ]
constraints: [ { metric: timeToTrain, atMost: 60 days } ]
`;
    const scenario = parseScenario(text);
    expect(scenario.economics?.acceleratorHour).toBeCloseTo(2.5 / 3600, 12);
    expect(scenario.economics?.energy).toBeCloseTo(0.08 / 3.6e6, 15);
    expect(scenario.software).toMatchObject({ overlap: { tensor: "on" }, bytes: { gradient: 2 } });
  });

  it("reads the examples of the design for kinds that come later", () => {
    const serving = `windtunnel: 1
name: chat
cluster: { pools: [ { name: prefill, node: hgx-h200, nodes: 2 }, { name: decode, node: hgx-h100, nodes: 4 } ] }
workload:
  kind: serving
  model: meta-llama/Llama-3.1-70B
  requests: { trace: conversation.jsonl, format: mooncake, rate: 1.5x }
  slo: { timeToFirstToken: { p99: 1 s }, timePerOutputToken: { p99: 50 ms } }
serving: { engine: { name: vllm, version: "0.19" }, autoscaler: none }
`;
    const collective = `windtunnel: 1
name: sweep
cluster: { node: hgx-h100, nodes: 16, fabric: { topology: rail-optimised } }
workload: { kind: collective, operation: all-reduce, sizes: { from: 1 MiB, to: 8 GiB, factor: 2 }, algorithm: auto }
`;
    expect(parseScenario(serving).workload?.kind).toBe("serving");
    expect(parseScenario(collective).workload).toMatchObject({ sizes: { from: 2 ** 20, to: 2 ** 33 } });
  });

  it.each([
    [
      "wrong unit",
      replaced(3, "cluster: { node: { extends: hgx-h100, accelerator: { memory: { bandwidth: 6.7 TB } } }, nodes: 2 }"),
      /^3:75 cluster\.node\.accelerator\.memory\.bandwidth: "6\.7 TB" is a size, expected a bandwidth; write /,
    ],
    [
      "bare number",
      replaced(3, "cluster: { node: { extends: hgx-h100, accelerator: { memory: { capacity: 80 } } }, nodes: 2 }"),
      /^3:74 cluster\.node\.accelerator\.memory\.capacity: 80 has no unit, expected a size; write "80 GB" or "80 GiB"$/,
    ],
    [
      "ambiguous bits",
      replaced(3, "cluster: { node: { extends: hgx-h100, nics: { bandwidth: 400 Gb/s } }, nodes: 2 }"),
      /could be bits or bytes.*"400 Gbit\/s" or "400 GB\/s"$/,
    ],
    [
      "unknown key",
      replaced(5, "layout: { tenzor: 2 }"),
      /^5:11 layout\.tenzor: unknown key "tenzor"; did you mean "tensor"\?$/,
    ],
    [
      "unknown key far from all",
      replaced(5, "layout: { zzzzzz: 2 }"),
      /^5:11 layout\.zzzzzz: unknown key "zzzzzz"; known keys: tensor, /,
    ],
    [
      "unknown node",
      replaced(3, "cluster: { node: hgx-h10, nodes: 2 }"),
      /^3:18 cluster\.node: unknown node "hgx-h10"; did you mean "hgx-h100"\?$/,
    ],
    [
      "unknown fabric",
      replaced(3, "cluster: { node: hgx-h100, nodes: 2, fabric: infiniband-nd }"),
      /unknown fabric "infiniband-nd"; did you mean "infiniband-ndr"\?$/,
    ],
    [
      "unknown accelerator",
      replaced(3, "cluster: { node: { extends: hgx-h100, accelerator: h100-sx }, nodes: 2 }"),
      /^3:\d+ cluster\.node\.accelerator: unknown accelerator "h100-sx"; did you mean "h100-sxm"\?$/,
    ],
    [
      "unknown extends",
      replaced(3, "cluster: { node: { extends: hgxh100 }, nodes: 2 }"),
      /^3:29 cluster\.node\.extends: unknown node "hgxh100"; did you mean "hgx-h100"\?$/,
    ],
    [
      "unknown model",
      replaced(4, "workload: { kind: training, model: lama-3.1-8b, sequenceLength: 8, globalBatch: 4 }"),
      /^4:36 workload\.model: unknown model "lama-3\.1-8b"; did you mean "llama-3\.1-8b"\?$/i,
    ],
    [
      "unknown software",
      `${good}software: megatron-core@2024.08\n`,
      /^6:11 software: unknown software .* did you mean "megatron-core@2024\.07"\?$/,
    ],
    [
      "unknown kind",
      replaced(4, "workload: { kind: trainin }"),
      /^4:19 workload\.kind: found "trainin", expected training, .* did you mean "training"\?$/,
    ],
    ["no kind", replaced(4, "workload: { model: llama-3.1-8b }"), /workload\.kind: missing; expected training, /],
    ["NaN", replaced(5, "layout: { tensor: .nan }"), /^5:19 layout\.tensor: found NaN, expected a count; /],
    ["infinite", replaced(5, "layout: { tensor: .inf }"), /^5:19 layout\.tensor: /],
    [
      "negative",
      replaced(5, "layout: { tensor: -2 }"),
      /^5:19 layout\.tensor: found -2, expected a count of at least 1$/,
    ],
    ["zero", replaced(5, "layout: { tensor: 0 }"), /^5:19 layout\.tensor: found 0, expected a count of at least 1$/],
    ["fraction", replaced(5, "layout: { tensor: 2.5 }"), /^5:19 layout\.tensor: 2\.5 is not a whole number/],
    [
      "huge degree",
      replaced(5, "layout: { tensor: 1e15 }"),
      /^5:19 layout\.tensor: found 1000000000000000, expected a count of at most 1M$/,
    ],
    [
      "huge nodes",
      replaced(3, "cluster: { node: hgx-h100, nodes: 1e30 }"),
      /^3:35 cluster\.nodes: found 1e\+30, expected a count of at most 1M$/,
    ],
    [
      "tokens with a physical unit",
      replaced(
        4,
        "workload: { kind: training, model: llama-3.1-8b, sequenceLength: 8, globalBatch: 4, tokens: 15 TB }",
      ),
      /workload\.tokens: "15 TB" is a size, expected a count; a count has no unit: write "15T"$/,
    ],
    [
      "ZeRO name",
      replaced(5, "layout: { sharding: zero3 }"),
      /layout\.sharding: found "zero3", expected none, .*ZeRO-3 and FSDP full/,
    ],
    [
      "boolean switch",
      replaced(5, "layout: { sequenceParallel: true }"),
      /layout\.sequenceParallel: found true, expected on or off; did you mean "on"\?$/,
    ],
    [
      "text for a section",
      replaced(5, "layout: fast"),
      /^5:9 layout: found "fast", expected an object of degrees, or auto/,
    ],
    [
      "a number for a name",
      replaced(2, "name: 5"),
      /^2:7 name: found the number 5, expected text; in quotes it is text: "5"$/,
    ],
    [
      "text for the cluster",
      replaced(3, "cluster: hgx-h100"),
      /^3:10 cluster: found "hgx-h100", expected an object; e\.g\. cluster: \{ node: hgx-h100, nodes: 16 \}$/,
    ],
    [
      "text for the workload",
      replaced(4, "workload: training"),
      /^4:11 workload: found "training", expected an object with a kind; e\.g\. workload: \{ kind: training, /,
    ],
    [
      "a stack without version",
      `${good}software: megatron-bridge\n`,
      /software: "megatron-bridge" lacks a version; write "megatron-bridge@26\.06"; known: /,
    ],
    ["missing name", replaced(2, ""), /name: missing; expected text; write name: and its value$/],
    ["empty section", replaced(5, "layout:"), /^5:\d+ layout: found nothing, expected an object of degrees, or auto/],
    [
      "price without time",
      `${good}economics: { acceleratorHour: 2.5 }\n`,
      /economics\.acceleratorHour: 2\.5 has no unit, expected a price per time; write "2\.5 \$\/h"$/,
    ],
    [
      "energy per hour",
      `${good}economics: { energy: 0.08 $/h }\n`,
      /economics\.energy: "0\.08 \$\/h" is a price per time, expected a price per energy/,
    ],
    ["another version", replaced(1, "windtunnel: 2"), /^1:13 windtunnel: found the number 2, expected 1/],
    ["same key twice", `${good}name: again\n`, /^6:1 : the same key is written twice; remove one of them$/],
    [
      "open list",
      "windtunnel: 1\nname: [a\nb: 1\n",
      /^3:1 : broken YAML: a "\[" is not closed before this line; add the "\]", or indent the line$/,
    ],
    ["tab", "windtunnel: 1\ncluster:\n\tnode: a\n", /^3:\d : broken YAML: a tab as indentation; indent with spaces$/],
    ["a colon in text", "windtunnel: 1\nname: one: two\n", /^2:7 : broken YAML: a second ": " here, .*needs quotes$/],
    ["alias", "windtunnel: *one\n", /: broken YAML: unresolved alias/],
    ["two documents", `${good}---\n${good}`, /^6:1 : more than one document in the file/],
    ["nothing", "", /^1:1 : there is no scenario here; a scenario begins with windtunnel: 1/],
    [
      "an empty list",
      `${good}stragglers: []\n`,
      /stragglers: found an empty list, expected a list with at least one entry$/,
    ],
    ["a list", "[1, 2]", /^1:1 : found a list, expected an object; a scenario begins with windtunnel: 1 /],
  ])("says what is wrong: %s", (_name, text, expected) => {
    const found = complaints(text);
    expect(found.filter((each) => expected.test(each))).toHaveLength(1);
  });

  it("collects every problem before reporting, in the order of the file", () => {
    const text = `windtunnel: 1
nam: t
cluster: { node: hgx-h10, nodes: -3 }
workload: { kind: training, model: llama-3.1-8, sequenceLenght: 8192, globalBatch: 8.5 }
layout: { tensor: eight }
`;
    const found = complaints(text);
    const paths = found.map((each) => each.split(" ")[1]);
    expect(paths).toEqual([
      "name:",
      "nam:",
      "cluster.node:",
      "cluster.nodes:",
      "workload.sequenceLength:",
      "workload.model:",
      "workload.sequenceLenght:",
      "workload.globalBatch:",
      "layout.tensor:",
    ]);
  });

  it("asks for what is missing between sections", () => {
    expect(complaints("windtunnel: 1\nname: t\ncluster: {}\n")).toEqual([
      expect.stringMatching(/workload: missing; expected what is run/),
      expect.stringMatching(/cluster\.node: missing/),
      expect.stringMatching(/cluster\.nodes: missing/),
    ]);
    const both = complaints(`${good}workloads: [ { name: a, nodes: 1, workload: { kind: traffic } } ]\n`);
    expect(both).toEqual([expect.stringMatching(/^6:1[0-9]* workloads: a scenario has either workload or workloads/)]);
    expect(complaints(replaced(5, ""))).toEqual([expect.stringMatching(/layout: missing; training needs a layout/)]);
  });

  it("never fails on an alias bomb or on odd text", () => {
    const bomb =
      "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]\n";
    expect(complaints(bomb).length).toBeGreaterThan(0);
    for (const text of ["\u0000", "42", "null", "windtunnel", "{", "? a\n: b", "*x"]) {
      expect(complaints(text).length).toBeGreaterThan(0);
    }
  });
});
