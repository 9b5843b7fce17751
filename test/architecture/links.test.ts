import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { filesBelow, repository, textOf } from "./files.ts";

/** `[text](path)` of a document outside its code blocks, without addresses of the web and anchors of its own. */
function relativeLinks(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)]
    .map((match) => match[1] as string)
    .filter((link) => !/^([a-z]+:|#)/.test(link));
}

it("every relative link of the documentation resolves", () => {
  const broken = filesBelow("", ".md").flatMap((path) =>
    relativeLinks(textOf(path))
      .map((link) => decodeURI(link.replace(/#.*$/, "")))
      .filter((link) => !existsSync(join(repository, dirname(path), link)))
      .map((link) => `${path}: ${link}`),
  );
  expect(broken).toEqual([]);
});

it("links are read outside code only", () => {
  const text = "[a](b.md) `[x](y)` [web](https://z) [own](#here)\n```\n[c](d)\n```\n[e](f/g.md#h)";
  expect(relativeLinks(text)).toEqual(["b.md", "f/g.md#h"]);
});
