/**
 * A token bucket: it fills at a rate up to a depth, a request takes out what it costs. A request that costs more than
 * the bucket holds enters when it is full, and leaves a debt, so that nothing waits for ever.
 * @source turner-1986
 */

import type { Values } from "../routing/parameter.ts";
import type { IncomingRequest } from "../routing/policy.ts";
import { type AdmissionEntry, type AdmissionPolicy, admissionEntry, otherwise, type Verdict } from "./policy.ts";

const parameters = {
  unit: {
    kind: "choice",
    words: ["requests", "prompt-tokens"],
    default: "requests",
    description: "What is counted.",
  },
  rate: { kind: "rate", default: 10, above: 0, description: "Units that may enter in a second, in the long run." },
  depth: { kind: "count", default: 100, atLeast: 1, description: "Units that may enter at once." },
  otherwise,
} as const;

export const tokenBucket: AdmissionEntry = admissionEntry({
  name: "token-bucket",
  summary: "Requests, or their prompt tokens, up to a rate with bursts.",
  sources: ["turner-1986"],
  parameters,
  create: (values) => new TokenBucket(values),
});

class TokenBucket implements AdmissionPolicy {
  private readonly values: Values<typeof parameters>;
  private level: number;
  private filledTo = 0;

  constructor(values: Values<typeof parameters>) {
    this.values = values;
    this.level = values.depth;
  }

  admit(request: IncomingRequest, _replicas: unknown, now: number): Verdict {
    const { rate, depth } = this.values;
    this.level = Math.min(depth, this.level + rate * Math.max(0, now - this.filledTo));
    this.filledTo = Math.max(this.filledTo, now);
    const cost = this.cost(request);
    // Filling by small steps rounds: a bucket that is full but for that is full.
    if (this.level + 1e-9 * depth < Math.min(cost, depth)) return this.values.otherwise;
    this.level -= cost;
    return "accept";
  }

  retryAt(request: IncomingRequest, now: number): number {
    const lack = Math.min(this.cost(request), this.values.depth) - this.level;
    return Math.max(now, this.filledTo + Math.max(0, lack) / this.values.rate);
  }

  private cost(request: IncomingRequest): number {
    return this.values.unit === "requests" ? 1 : request.tokens;
  }
}
