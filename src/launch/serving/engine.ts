/** The engine of a launch: its version, from the user, an image's tag, or a default that is asked for. */

import { defaultEngine, engineProfile } from "../../serving/profiles.ts";
import type { LaunchOptions } from "../format.ts";
import { assume, put, type Sheet } from "../sheet.ts";

/** Versions that are taken where nothing says one. */
const usual: Readonly<Record<string, string>> = {
  vllm: defaultEngine.version,
  sglang: "0.5",
  "tensorrt-llm": "1.0",
};

/** Images of engines; their tags are versions. */
const images: Readonly<Record<string, RegExp>> = {
  vllm: /vllm\/vllm-openai:v(\d+\.\d+)/,
  sglang: /lmsysorg\/sglang:v(\d+\.\d+)/,
  "tensorrt-llm": /tensorrt-llm\/release:(\d+\.\d+)/,
};

export function placeEngine(sheet: Sheet, name: string, text: string, { software }: LaunchOptions): void {
  put(sheet, "serving.engine.name", name);
  const tag = images[name]?.exec(text)?.[1];
  const [family = "", chosen] = software?.split("@") ?? [];
  if (software !== undefined && (family.toLowerCase() !== name || chosen === undefined)) {
    const hint = `--software ${name}@${usual[name]}`;
    sheet.problems.push({ path: "--software", message: `found "${software}", expected ${name}@VERSION`, hint });
    return;
  }
  const version = chosen ?? tag ?? usual[name] ?? "";
  put(sheet, "serving.engine.version", version);
  if (chosen !== undefined) return;
  if (tag !== undefined) {
    assume(sheet, "serving.engine.version", version, "the tag of the image");
    if (engineProfile(name, version) !== undefined) return;
  }
  const option = `--software ${name}@VERSION`;
  sheet.asked.push({ what: "the version of the engine", option, taken: `${name}@${version}` });
}
