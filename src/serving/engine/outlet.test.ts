import { describe, expect, it } from "vitest";
import { sglangDelivery } from "../step/engine-times.ts";
import { Outlet } from "./outlet.ts";

describe("the way of tokens to the clients", () => {
  it("takes one after another, and keeps up where they come slowly", () => {
    const outlet = new Outlet({ delivery: 1e-3, deliveryPerToken: 0 });
    expect(outlet.take(1, 1, 1)).toBeCloseTo(1e-3, 12);
    expect(outlet.take(1, 2, 2)).toBeCloseTo(3e-3, 12);
    expect(outlet.take(2, 1, 3)).toBeCloseTo(1e-3, 12);
  });

  it("takes an iteration of many answers as it takes them one by one", () => {
    const [single, whole] = [0, 1].map(() => new Outlet({ delivery: 1e-3, deliveryPerToken: 1e-5 })) as [
      Outlet,
      Outlet,
    ];
    for (const [now, answers] of [
      [1, [4, 90, 700]],
      [1.002, [5, 91, 701]],
      [2, [6, 92, 702]],
    ] as const) {
      for (const tokens of answers) single.take(now, 1, tokens);
      whole.takeEach(now, answers.length, answers[0] + answers[1] + answers[2]);
      expect(whole.take(now, 0, 0)).toBeCloseTo(single.take(now, 0, 0), 12);
    }
  });

  it("costs nothing where nothing is said of it", () => {
    const outlet = new Outlet({ delivery: 0, deliveryPerToken: 0 });
    expect(outlet.take(1, 512, 1000)).toBe(0);
    expect(outlet.take(1, 512, 1000)).toBe(0);
  });

  it("sends as many tokens a second as SGLang was measured to, in answers of up to 1,024", () => {
    const outlet = new Outlet(sglangDelivery);
    let [delay, tokens] = [0, 0];
    for (let answer = 1; answer <= 1024; answer += 1) {
      for (let position = 1; position <= answer; position += 1) delay = outlet.take(0, 1, position);
      tokens += answer;
    }
    expect(tokens / delay).toBeGreaterThan(21_700);
    expect(tokens / delay).toBeLessThan(21_800);
  });
});
