/** Settings of prompts that wait for others: each only beside what gives it an effect. */

import type { EngineText } from "../schema/serving-engine.ts";
import { type Notes, problem } from "./notes.ts";

/** @param path of the engine. */
export function checkPromptWaiting(written: EngineText, attentionData: number, path: string, notes: Notes): void {
  const { balance, batchWaitIterations = 0, batchWaitShare = 0 } = written;
  const idle = (key: keyof EngineText, without: string, hint: string): void => {
    if (written[key] === undefined) return;
    problem(notes, `${path}.${key}`, `has no effect ${without}`, hint);
  };
  if (balance === "on" && attentionData === 1) {
    idle("balance", "without attention data parallelism", "set serving.attentionData, or remove it");
  }
  if (balance !== "on") {
    for (const key of ["balanceTimeout", "balanceWait"] as const) idle(key, "without balance", "add balance: on");
  }
  if (attentionData > 1) {
    for (const key of ["batchWaitIterations", "batchWaitShare"] as const) {
      idle(key, "beside attention data parallelism", "remove it, or see balance");
    }
    return;
  }
  if (batchWaitIterations === 0) idle("batchWaitShare", "without batchWaitIterations", "e.g. batchWaitIterations: 40");
  if (batchWaitShare === 0) idle("batchWaitIterations", "without batchWaitShare", "e.g. batchWaitShare: 0.8");
}
