/**
 * `npm start`: predicts Llama 3.1 405B on 16,384 H100 and prints the published measurement beside it. The measurement
 * is the committed evidence record; its scenario and the example describe the same run.
 */

import { formatQuantity } from "../../src/base/quantity.ts";
import { type EvidenceRecord, parseRecords } from "../../src/evidence/index.ts";
import { type Host, operations } from "../../src/operations/index.ts";
import { renderComparison } from "./render/comparison.ts";
import { renderPredict } from "./render/predict.ts";
import { processTerminal } from "./terminal.ts";

const example = "examples/llama-3.1-405b-16384-h100/scenario.yaml";
const evidence = { file: "evidence/llama3.json", id: "llama3-405b-table4-16384-seq8192" };
async function recordOf(host: Host): Promise<EvidenceRecord> {
  const records = parseRecords(await host.read(host.shipped(evidence.file)), evidence.file);
  const record = records.find(({ id }) => id === evidence.id);
  if (record === undefined) throw new Error(`${evidence.file} has no record ${evidence.id}`);
  return record;
}

const terminal = processTerminal();
const started = terminal.host.now();
const output = await operations.predict.run({ scenario: terminal.host.shipped(example) }, terminal.host);
const { design, prediction, training } = output;
if (design.kind !== "training" || training === undefined) throw new Error(`${example} is not a training scenario`);
terminal.out(renderPredict(output, terminal.view));
terminal.out(`\n${renderComparison({ design, prediction, training }, await recordOf(terminal.host), terminal.view)}`);
const elapsed = formatQuantity(terminal.host.now() - started, "seconds");
terminal.error(`\npredicted in ${elapsed}; next: npm run -s windtunnel -- explain ${example}\n`);
