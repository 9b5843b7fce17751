/**
 * A request's way from its prefill to its decode replica: who is chosen when, what is sent, and who gives the first
 * token. The blocks themselves move in `hand-off`.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { Clock } from "../../simulation/index.ts";
import type { RequestState } from "../request-state.ts";
import type { HandOffs } from "./hand-off.ts";
import type { Replica } from "./replica.ts";
import { type Routes, roleOf } from "./routes.ts";
import type { HandOffSpec } from "./spec.ts";

export interface HandOverParts {
  readonly spec: HandOffSpec;
  readonly state: RequestState;
  readonly clock: Clock;
  readonly routes: Routes;
  readonly handOffs: HandOffs;
  readonly send: (row: number, replica: Replica, delay: Seconds) => void;
  /** A prefill replica keeps no block of a request any more. */
  readonly released: (replica: number) => void;
}

export class HandOver {
  private readonly parts: HandOverParts;
  /** Requests whose prompts are computed and that no decode replica was chosen for. */
  private readonly waiting: number[] = [];

  constructor(parts: HandOverParts) {
    this.parts = parts;
    parts.handOffs.released = parts.released;
  }

  /** Work on a prompt begins: layers may move from now on. */
  started(row: number, replica: Replica): void {
    const { spec, routes, handOffs } = this.parts;
    if (roleOf(replica) !== "prefill" || spec.overlap === "none") return;
    const decode = routes.chooseAhead(row);
    if (decode !== undefined) handOffs.begin(row, replica.index, decode.index);
  }

  /** Whether a replica's tokens are not sent to clients. */
  keepsToken(replica: Replica): boolean {
    return roleOf(replica) === "prefill" && this.parts.spec.firstToken === "decode";
  }

  keepsBlocks(replica: Replica): boolean {
    return this.parts.handOffs.keeps(replica.index);
  }

  /** A replica is done with a request; true where that was its prompt and a decode replica goes on. */
  promptDone(row: number, replica: Replica): boolean {
    const { state, spec, clock, routes, handOffs } = this.parts;
    if (roleOf(replica) !== "prefill") return false;
    const whole = state.list.input[row]! + state.list.output[row]!;
    if (spec.firstToken === "prefill" && state.made[row]! >= whole) return false;
    if (Number.isNaN(state.prefilled[row]!)) {
      state.prefilled[row] = clock.now();
      state.prefillReplica[row] = replica.index;
    }
    handOffs.keep(row, replica.engine);
    routes.leave(row, replica);
    // Where the decode replica makes this token again, it is as if it had not been made.
    if (spec.firstToken === "decode") state.made[row]! -= 1;
    state.known[row] = state.made[row]!;
    state.computed[row] = 0;
    state.goal[row] = whole;
    state.rank[row] = 0;
    state.replica[row] = -1;
    if (!this.pass(row)) this.waiting.push(row);
    return true;
  }

  /** Whether a request waits for a decode replica to be chosen. */
  waits(row: number): boolean {
    return this.waiting.includes(row);
  }

  retry(): void {
    if (this.waiting.length === 0) return;
    for (const row of this.waiting.splice(0)) if (!this.pass(row)) this.waiting.push(row);
  }

  /** A request ends, or begins anew: what was kept or chosen for it is void. */
  forget(row: number): void {
    const place = this.waiting.indexOf(row);
    if (place !== -1) this.waiting.splice(place, 1);
    this.parts.handOffs.drop(row);
    this.parts.routes.drop(row);
  }

  private pass(row: number): boolean {
    const { routes, send, spec } = this.parts;
    const replica = routes.chooseDecode(row);
    if (replica === undefined) return false;
    routes.handedOver(row, replica);
    send(row, replica, spec.dispatch);
    return true;
  }
}
