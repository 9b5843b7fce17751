/** Slots of adapters: what an engine keeps room for, and that every adapter which requests ask for has one. */

import type { AdapterSlots } from "../../serving/adapters.ts";
import { takesAdapters } from "../../serving/adapters.ts";
import { listed } from "../schema/fields.ts";
import type { EngineText } from "../schema/serving-engine.ts";
import { adapterShares } from "../serving/adapter-shares.ts";
import type { PoolDesign, RequestsDesign } from "../serving/design.ts";
import { given, type Notes, problem } from "./notes.ts";
import type { EngineContext } from "./serving-engine.ts";

/** Slots of each engine where nobody says how many; of rank 16. @source vllm-lora, sglang-server-args */
const usualSlots: Readonly<Record<string, number>> = { vllm: 1, sglang: 8 };
const usualRank = 16;

export function resolveAdapters(
  { adapterSlots, adapterRank, speculation, steps }: EngineText,
  engine: string,
  { model, path }: EngineContext,
  notes: Notes,
): AdapterSlots | undefined {
  if (adapterSlots === undefined && adapterRank === undefined) return undefined;
  const at = `${path}.${adapterSlots === undefined ? "adapterRank" : "adapterSlots"}`;
  const usual = usualSlots[engine];
  if (usual === undefined) {
    problem(notes, at, `adapters under ${engine} are not modelled`, listed(Object.keys(usualSlots)));
    return undefined;
  }
  if (!takesAdapters(model)) {
    const message = `adapters of ${model.name} are not modelled: those of experts, latent and recurrent layers are missing`;
    problem(notes, at, message, "a dense model");
    return undefined;
  }
  if (speculation !== undefined) problem(notes, at, "adapters beside drafted tokens are not modelled", "remove one");
  if (steps !== undefined) problem(notes, at, "measured layers hold no adapters", "remove steps or the adapters");
  const slots = given(notes, `${path}.adapterSlots`, adapterSlots, usual, `not given; as ${engine} does`);
  const rank = given(notes, `${path}.adapterRank`, adapterRank, usualRank, "not given; a common rank of adapters");
  return { slots, rank };
}

/** Requests that wait for a slot, and the loading of adapters, are not modelled: all are resident. */
export function checkAdapters(requests: RequestsDesign, pools: readonly PoolDesign[], notes: Notes): void {
  const wanted = adapterShares(requests).length;
  if (wanted === 0) return;
  for (const { name, adapters } of pools) {
    const slots = adapters?.slots ?? 0;
    if (slots >= wanted) continue;
    const where = pools.length === 1 ? "serving.engine.adapterSlots" : `serving.pools.${name}.engine.adapterSlots`;
    const message = `requests ask for ${wanted} adapters, and ${slots} have a slot; loading is not modelled`;
    problem(notes, where, message, `adapterSlots: ${wanted}`);
  }
}
