/** Which share of a design's requests asks for each adapter, and requests whose prompts are equal only under one adapter. */

import type { RequestList } from "../../workload/request/list.ts";
import type { RequestsDesign } from "./design.ts";

/** Shares of all requests by adapter; nothing where nobody asks for one. */
export function adapterShares(requests: RequestsDesign): readonly number[] {
  const shares = new Map<string, number>();
  const add = (name: string, share: number): void => void shares.set(name, (shares.get(name) ?? 0) + share);
  if (requests.source === "trace") {
    const { list } = requests;
    for (const index of list.adapter) if (index >= 0) add(list.adapters[index] ?? "", 1 / list.count);
    return [...shares.values()];
  }
  const { classes } = requests.spec;
  const all = classes.reduce((sum, { share }) => sum + share, 0);
  for (const { share, adapters } of classes) for (const name of adapters) add(name, share / all / adapters.length);
  return [...shares.values()];
}

/**
 * Keys and values under one adapter are no other's: what prompts have in common gets ids of its own for each.
 * @source vllm-lora
 */
export function apartByAdapter(list: RequestList): RequestList {
  if (list.ids.length === 0 || list.adapters.length === 0) return list;
  const known = new Map<number, number>();
  const ids = list.ids.slice();
  for (let row = 0; row < list.count; row++) {
    const adapter = (list.adapter[row] as number) + 1;
    for (let at = list.idStart[row] as number; at < (list.idStart[row + 1] as number); at++) {
      const content = (ids[at] as number) * (list.adapters.length + 1) + adapter;
      const id = known.get(content) ?? known.size;
      known.set(content, id);
      ids[at] = id;
    }
  }
  return { ...list, ids };
}
