/** Settings of an engine worth trying on the same hardware, one at a time. */

import { isObject } from "../../scenario/index.ts";

type Loose = Readonly<Record<string, unknown>>;

const tried: readonly (readonly [key: string, values: readonly number[]])[] = [
  ["maxBatchedTokens", [2048, 4096, 8192, 16384]],
  ["maxSequences", [64, 128, 256, 512]],
];

export function servingCandidates(raw: Loose): readonly { readonly said: string; readonly raw: Loose }[] {
  const serving = isObject(raw.serving) ? raw.serving : {};
  const engine = isObject(serving.engine)
    ? serving.engine
    : typeof serving.engine === "string"
      ? named(serving.engine)
      : {};
  return tried.flatMap(([key, values]) =>
    values
      .filter((value) => engine[key] !== value)
      .map((value) => ({
        said: `serving.engine.${key}: ${value}`,
        raw: { ...raw, serving: { ...serving, engine: { ...engine, [key]: value } } },
      })),
  );
}

/** `vllm@0.19` as an object. */
function named(engine: string): Loose {
  const [name, version] = engine.split("@");
  return { name, ...(version === undefined ? {} : { version }) };
}
