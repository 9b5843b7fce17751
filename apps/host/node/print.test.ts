import { describe, expect, it } from "vitest";
import { browserPath, printed } from "./print.ts";

describe("printing", () => {
  it("finds no browser where none is, and says what to do", async () => {
    expect(await browserPath("/nowhere:/also-nowhere")).toBeUndefined();
    const before = process.env.PATH;
    process.env.PATH = "/nowhere";
    await expect(printed("<p>page</p>")).rejects.toThrow(/none is on the path.*print that from any browser/s);
    process.env.PATH = before;
  });

  it("prints a page", { timeout: 90_000 }, async (context) => {
    if ((await browserPath(process.env.PATH ?? "")) === undefined) {
      console.log("skipped: no Chromium on the path");
      context.skip();
    }
    const bytes = await printed("<!doctype html><title>page</title><p>page</p>");
    expect(new TextDecoder().decode(bytes.slice(0, 5))).toBe("%PDF-");
  });
});
