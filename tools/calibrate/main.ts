/**
 * `npm run calibrate [STEP...]`: fits every calibrated coefficient from the shared data and writes
 * `src/catalog/calibration/*.generated.ts`. Running twice gives the same bytes.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { kernels } from "./kernels/index.ts";
import { network } from "./network/index.ts";
import { serving } from "./serving/index.ts";
import type { CalibrationStep } from "./step.ts";
import { training } from "./training/index.ts";

const steps: readonly CalibrationStep[] = [kernels, network, training, serving];

async function main(): Promise<void> {
  const repository = join(fileURLToPath(import.meta.url), "..", "..", "..");
  const shared = process.env.WINDTUNNEL_SHARED ?? join(repository, "..", "shared");
  const wanted = process.argv.slice(2);
  if (!existsSync(join(shared, "data", "kernels"))) {
    process.stderr.write(`no shared data at ${shared} (set WINDTUNNEL_SHARED)\n`);
    process.exit(1);
  }
  for (const step of steps) {
    if (wanted.length > 0 && !wanted.includes(step.name)) continue;
    process.stdout.write(`# ${step.name}\n`);
    await step.run({ shared, repository, log: (line) => process.stdout.write(`${line}\n`) });
  }
}

await main();
