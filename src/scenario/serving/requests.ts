/** The requests of a design as columns: drawn or as recorded, none longer than the engines take. */

import { type Problem, ProblemError } from "../../base/problem.ts";
import { generateRequests } from "../../workload/request/generate.ts";
import type { RequestList } from "../../workload/request/list.ts";
import { apartByAdapter } from "./adapter-shares.ts";
import type { ServingDesign } from "./design.ts";

export interface ServedRequests {
  readonly list: RequestList;
  /** Requests whose output was shortened to what fits behind their prompt. */
  readonly shortened: number;
}

/**
 * Draws the requests of a design.
 * @throws ProblemError where a prompt leaves no room for a token: engines refuse such requests.
 */
export function servedRequests({ requests, pools }: ServingDesign): ServedRequests {
  if (requests.source === "trace") return { list: apartByAdapter(requests.list), shortened: 0 };
  const maxLength = Math.min(...pools.map(({ engine }) => engine.maxLength));
  return within(apartByAdapter(generateRequests(requests.spec)), maxLength);
}

/** Engines stop at their length whatever a client asks for. */
function within(list: RequestList, maxLength: number): ServedRequests {
  let [shortened, tooLong, longest] = [0, 0, 0];
  const output = list.output.slice();
  for (let row = 0; row < list.count; row++) {
    const input = list.input[row] as number;
    const room = maxLength - input;
    if (room < 1) tooLong += 1;
    if (input > longest) longest = input;
    if ((output[row] as number) <= room) continue;
    output[row] = Math.max(1, room);
    shortened += 1;
  }
  if (tooLong > 0) throw new ProblemError([tooLongProblem(tooLong, longest, maxLength)]);
  return shortened === 0 ? { list, shortened } : { list: { ...list, output }, shortened };
}

function tooLongProblem(count: number, longest: number, maxLength: number): Problem {
  return {
    path: "workload.requests",
    message: `${count} prompts leave no room for an answer: the longest has ${longest} tokens, the engine takes ${maxLength}`,
    hint: "shorter input (most: N), fewer turns, or a larger serving.engine.maxLength",
  };
}
