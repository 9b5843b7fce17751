import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestOf, viewOf, viewsOf } from "../../../test/routing/views.ts";
import { admissionPolicies, admissionPolicy } from "./index.ts";

describe("the token bucket", () => {
  it("lets a burst in, then its rate, and never more in any stretch of time", () => {
    const gaps = fc.array(fc.double({ min: 0, max: 0.5, noNaN: true }), { maxLength: 200 });
    fc.assert(
      fc.property(gaps, (all) => {
        const policy = admissionPolicy("token-bucket", { rate: 5, depth: 10 });
        const accepted: number[] = [];
        let now = 0;
        all.forEach((gap, id) => {
          now += gap;
          if (policy.admit(requestOf(id), [], now) === "accept") accepted.push(now);
        });
        accepted.forEach((from, first) => {
          accepted.slice(first).forEach((to, more) => {
            expect(more + 1).toBeLessThanOrEqual(10 + 5 * (to - from) + 1e-6);
          });
        });
      }),
    );
  });

  it("is worked out by hand", () => {
    const policy = admissionPolicy("token-bucket", {
      unit: "prompt-tokens",
      rate: 100,
      depth: 1000,
      otherwise: "hold",
    });
    const ask = (tokens: number, now: number) => policy.admit(requestOf(0, { tokens }), [], now);
    expect(ask(800, 0)).toBe("accept");
    expect(ask(300, 0)).toBe("hold");
    expect(policy.retryAt?.(requestOf(0, { tokens: 300 }), 0)).toBeCloseTo(1, 9);
    expect(ask(300, 1)).toBe("accept");
    // More than the bucket holds: it enters at a full bucket, and leaves 2,000 of debt.
    expect(ask(3000, 10.9)).toBe("hold");
    expect(ask(3000, 11)).toBe("accept");
    expect(ask(1, 30.9)).toBe("hold");
    expect(ask(1, 31.02)).toBe("accept");
  });
});

describe("the limit of queues", () => {
  it("is full when every ready replica has its number in flight", () => {
    const policy = admissionPolicy("queue-limit", { perReplica: 3 });
    expect(policy.admit(requestOf(0), [viewOf(0, { inFlight: 3 }), viewOf(1, { inFlight: 2 })], 0)).toBe("accept");
    expect(policy.admit(requestOf(0), viewsOf(2, { inFlight: 3 }), 0)).toBe("reject");
    const unready = [viewOf(0, { inFlight: 3 }), viewOf(1, { ready: false })];
    expect(admissionPolicy("queue-limit", { perReplica: 3, otherwise: "hold" }).admit(requestOf(0), unready, 0)).toBe(
      "hold",
    );
  });
});

describe.each(admissionPolicies.entries)("the admission policy $name", (entry) => {
  it("lets a first request into an idle fleet", () => {
    expect(admissionPolicy(entry.name, {}).admit(requestOf(0), viewsOf(2), 0)).toBe("accept");
  });
});
