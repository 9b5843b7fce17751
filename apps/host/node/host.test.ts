import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ProblemError } from "../../../src/base/problem.ts";
import { nodeHost, packageFolder } from "./host.ts";

const folder = mkdtempSync(join(tmpdir(), "windtunnel-host-"));
mkdirSync(join(folder, "one"));
writeFileSync(join(folder, "one/scenario.yaml"), "a: 1\n");
writeFileSync(join(folder, "small.yaml"), "\uFEFFa: 1\n");
writeFileSync(join(folder, "binary.yaml"), Uint8Array.of(0x61, 0xff, 0xfe, 0x00));
afterAll(() => rmSync(folder, { recursive: true }));

const host = nodeHost({
  folder,
  readStandardInput: () => Promise.resolve(Uint8Array.of(0xc3, 0x28)),
  message: () => undefined,
});

async function refusal(answer: Promise<unknown>): Promise<string> {
  const error = await answer.then(
    () => undefined,
    (found: unknown) => found,
  );
  if (!(error instanceof ProblemError)) throw new Error("it was not refused");
  const { message, hint } = error.problems[0] ?? { message: "" };
  return hint === undefined ? message : `${message}; ${hint}`;
}

describe("a Node host", () => {
  it("reads text from its folder or from that of another file, without a byte order mark", async () => {
    expect(await host.read("small.yaml")).toBe("a: 1\n");
    expect(await host.read("../small.yaml", "one/scenario.yaml")).toBe("a: 1\n");
  });

  it("says why it cannot read or write, and what was meant", async () => {
    expect(await refusal(host.read("smal.yml"))).toBe(
      'cannot read "smal.yml": no such file; did you mean "small.yaml"?',
    );
    expect(await refusal(host.read("xyz.yaml"))).toBe('cannot read "xyz.yaml": no such file');
    expect(await refusal(host.read("one"))).toBe(
      'cannot read "one": it is a folder; did you mean "one/scenario.yaml"?',
    );
    expect(await refusal(host.read("binary.yaml"))).toBe('cannot read "binary.yaml": it is not text in UTF-8');
    expect(await refusal(host.read("-"))).toBe("cannot read standard input: it is not text in UTF-8");
    expect(await refusal(host.write("none/x.json", ""))).toBe('cannot write "none/x.json": no such folder');
    expect(await refusal(host.list("none"))).toBe('cannot list "none": no such folder');
  });

  it("finds the package from its source", () => {
    expect(join(packageFolder(), "apps/host/node/host.test.ts")).toBe(import.meta.filename);
  });
});
