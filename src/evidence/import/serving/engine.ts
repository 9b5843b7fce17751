/** Engines of serving rows: name and version as the language knows them. */

import type { Assumption } from "../../record.ts";
import { assume } from "../converter.ts";

export interface ServedEngine {
  readonly name: "vllm" | "sglang" | "tensorrt-llm";
  readonly version: string;
  /** `serving.engine.version` where no release is stated. */
  readonly inferred: readonly string[];
  readonly assumptions: readonly Assumption[];
}

const names: Readonly<Record<string, ServedEngine["name"]>> = {
  vllm: "vllm",
  sglang: "sglang",
  trtllm: "tensorrt-llm",
  "tensorrt-llm": "tensorrt-llm",
};

/** Releases of TensorRT-LLM inside of Dynamo's runtime images. @source dynamo-releases */
const dynamoImages: Readonly<Record<string, string>> = { "0.7.0": "1.2.0rc2", "0.8.1": "1.2.0rc6" };

/** The newest release of each engine at the end of a month; who states none is taken to have run it. @source engine-releases */
const releases: Readonly<Record<ServedEngine["name"], readonly (readonly [month: string, version: string])[]>> = {
  vllm: [
    ["2025-08", "0.10.1"],
    ["2025-10", "0.11.0"],
    ["2025-12", "0.13.0"],
    ["2026-01", "0.15.0"],
    ["2026-02", "0.16.0"],
    ["2026-03", "0.18.0"],
    ["2026-04", "0.19.0"],
  ],
  sglang: [
    ["2025-08", "0.5.1"],
    ["2025-10", "0.5.4"],
    ["2025-12", "0.5.6"],
    ["2026-01", "0.5.8"],
    ["2026-03", "0.5.9"],
    ["2026-04", "0.5.10"],
  ],
  "tensorrt-llm": [
    ["2025-08", "1.0.0"],
    ["2025-10", "1.1.0"],
    ["2026-01", "1.2.0"],
    ["2026-04", "1.3.0"],
  ],
};

/**
 * The engine of a row.
 * @param month when it was measured, `2026-02`; the release of that month stands in for one that is not stated.
 */
export function servedEngine(backend: string, stated: string, month: string): ServedEngine | { readonly skip: string } {
  const name = names[backend.toLowerCase()];
  if (name === undefined) return { skip: `the engine "${backend}" is not modelled` };
  const release = /^v?(\d+\.\d+(?:\.\d+)?\S*)/.exec(stated)?.[1];
  const inside =
    release === undefined || name !== "tensorrt-llm"
      ? undefined
      : dynamoImages[/^\d+\.\d+\.\d+/.exec(release)?.[0] ?? ""];
  if (inside !== undefined) {
    const why = `inside of Dynamo's runtime image ${release ?? ""}`;
    return { name, version: inside, inferred: [], assumptions: [assume("serving.engine.version", inside, why)] };
  }
  if (release !== undefined) return { name, version: release, inferred: [], assumptions: [] };
  const version = releaseOf(name, month);
  const what = stated === "" ? "not stated" : `"${stated}" is no release`;
  return {
    name,
    version,
    inferred: ["serving.engine.version"],
    assumptions: [
      assume("serving.engine.version", version, `${what}; the release of ${month === "" ? "autumn 2025" : month}`),
    ],
  };
}

function releaseOf(name: ServedEngine["name"], month: string): string {
  const list = releases[name];
  const wanted = month === "" ? "2025-10" : month;
  return (list.findLast(([from]) => from <= wanted) ?? list[0])?.[1] ?? "";
}
