/** The folder of raw data beside the repository; tests that need it skip with a reason where it is absent. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository: string = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Root of the shared data: WINDTUNNEL_SHARED, else ../shared beside the repository. */
export function sharedRoot(): string {
  return process.env.WINDTUNNEL_SHARED ?? join(repository, "..", "shared");
}

/** Absolute path of a file below the shared folder, e.g. `data/models/README.md`. */
export function sharedFile(path: string): string {
  return join(sharedRoot(), path);
}

/** True where the shared data is present; prints why a test is skipped otherwise. */
export function hasShared(): boolean {
  const present = existsSync(sharedFile("evidence/README.md"));
  if (!present) process.stderr.write(`skipped: no shared data at ${sharedRoot()} (set WINDTUNNEL_SHARED)\n`);
  return present;
}
