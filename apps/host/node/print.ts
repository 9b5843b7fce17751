/** A page printed to PDF by a Chromium of this machine, without a window and without a network. */

import { execFile } from "node:child_process";
import { access, constants, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { ProblemError } from "../../../src/base/problem.ts";

/** What Chromium and its relatives are called. */
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"];
const millisecondsMost = 60_000;

export async function printed(html: string): Promise<Uint8Array> {
  const browser = await browserPath(process.env.PATH ?? "");
  if (browser === undefined) {
    const message = "a PDF is printed by Chromium or Chrome, and none is on the path";
    const hint = "install chromium, or write -o proposal.html and print that from any browser";
    throw new ProblemError([{ path: "output", message, hint }]);
  }
  const folder = await mkdtemp(join(tmpdir(), "windtunnel-print-"));
  try {
    const [page, target] = [join(folder, "page.html"), join(folder, "page.pdf")];
    await writeFile(page, html);
    await promisify(execFile)(browser, flags(folder, page, target), { timeout: millisecondsMost });
    return await readFile(target);
  } catch (error) {
    const first = (error as Error).message.split("\n")[0] ?? "";
    const hint = "write -o proposal.html and print that from any browser";
    throw new ProblemError([{ path: "output", message: `${browser} printed no PDF: ${first}`, hint }]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function flags(folder: string, page: string, target: string): readonly string[] {
  // As root a browser starts only without its sandbox; the page is ours and has no script.
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return [
    "--headless=new",
    ...asRoot,
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    `--user-data-dir=${join(folder, "profile")}`,
    "--no-pdf-header-footer",
    `--print-to-pdf=${target}`,
    pathToFileURL(page).href,
  ];
}

/** The first of the names that can be run. */
export async function browserPath(path: string): Promise<string | undefined> {
  for (const name of names) {
    for (const folder of path.split(delimiter).filter((each) => each !== "")) {
      const file = join(folder, name);
      const found = await access(file, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (found) return file;
    }
  }
  return undefined;
}
