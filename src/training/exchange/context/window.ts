/** Attention cores whose queries see only the keys just before them. */

import type { AttentionShape } from "../../../compute/index.ts";
import type { ContextWork, CoreCall } from "./method.ts";

/** The window where it is shorter than the sequence. */
export function windowOf({ window, keys }: AttentionShape): number | undefined {
  return window !== undefined && window < keys ? window : undefined;
}

/** Each of a rank's chunks sees itself and the keys of one window before it; all ranks but the first do the same. */
export function windowCalls({ shape, ranks, balance }: ContextWork): readonly CoreCall[] {
  const window = windowOf(shape) ?? shape.keys;
  const chunks = balance === "zig-zag" ? 2 : 1;
  const queries = shape.queries / (chunks * ranks);
  const keys = Math.min(shape.keys, queries + window - 1);
  return [{ shape: { ...shape, queries, keys, window }, count: chunks }];
}
