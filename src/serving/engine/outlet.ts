/**
 * The way of tokens to the clients through one process of the host, one after another: detokenised, joined to their
 * answer, sent. Where iterations make tokens faster than that, they wait in front of it.
 *
 *     free = max(free, end of the iteration) + sum over its tokens of (delivery + deliveryPerToken x tokens of the answer)
 *
 * Ignores: several such processes, clients too slow to read.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { HostTimes } from "./settings.ts";

export class Outlet {
  private readonly perToken: Seconds;
  private readonly perAnswerToken: Seconds;
  private free: Seconds = 0;

  constructor({ delivery, deliveryPerToken }: Pick<HostTimes, "delivery" | "deliveryPerToken">) {
    this.perToken = delivery;
    this.perAnswerToken = deliveryPerToken;
  }

  /** Whether tokens take time here. */
  get slow(): boolean {
    return this.perToken > 0 || this.perAnswerToken > 0;
  }

  /** Takes tokens of an answer that has so many with them; returns how long until they are sent. */
  take(now: Seconds, tokens: number, answer: number): Seconds {
    if (!this.slow) return 0;
    this.free = Math.max(this.free, now) + tokens * (this.perToken + this.perAnswerToken * answer);
    return this.free - now;
  }

  /** Takes one token each of so many answers, which have `tokens` together with them. */
  takeEach(now: Seconds, answers: number, tokens: number): void {
    if (!this.slow) return;
    this.free = Math.max(this.free, now) + this.perToken * answers + this.perAnswerToken * tokens;
  }
}
