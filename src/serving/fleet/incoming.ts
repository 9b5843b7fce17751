/** A request as routers and admission see it: everything but what it will generate. */

import type { RequestState } from "../request-state.ts";
import type { IncomingRequest } from "../routing/policy.ts";

export function incomingRequest({ list }: RequestState, row: number): IncomingRequest {
  const { input, idStart, ids, chunkTokens, covered, session, adapter } = list;
  const { priority, name } = list.classes[list.classOf[row]!]!;
  const known = Math.floor(Math.min(input[row]!, covered[row]!) / chunkTokens);
  const start = idStart[row]!;
  return {
    id: row,
    tokens: input[row]!,
    chunkTokens,
    chunks: ids.subarray(start, start + known),
    session: session[row]!,
    adapter: adapter[row]!,
    priority,
    className: name,
  };
}
