import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256, utf8 } from "./sha256.ts";

describe("SHA-256", () => {
  it("gives the digests of the standard's examples", () => {
    expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(sha256("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  it("is what another program computes, of any text", () => {
    const property = fc.property(fc.string({ maxLength: 300, unit: "binary" }), (text) => {
      expect(utf8(text)).toEqual([...Buffer.from(text, "utf8")]);
      expect(sha256(text)).toBe(createHash("sha256").update(text, "utf8").digest("hex"));
    });
    fc.assert(property, { numRuns: 200 });
  });
});
