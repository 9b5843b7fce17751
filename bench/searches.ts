/** Searches of layouts by the built command: processor time and most memory of whole runs, each proven. */

import { join } from "node:path";
import { commandRuns } from "./command.ts";

export interface SearchTiming {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly aim: string;
  readonly met: boolean;
}

/** Scenarios beside this file, with the processor time that their proof may take. */
const searches = [
  { file: "gpt3-175b-4096-a100.yaml", name: "layouts of GPT-3 175B on 4,096 A100", secondsMost: 30 },
  { file: "mt-nlg-530b-5128-a100.yaml", name: "layouts of MT-NLG 530B on 5,128 A100", secondsMost: 1 },
];
const megabytesMost = 400;

export function searchTimings(command: string, folder: string): readonly SearchTiming[] {
  return searches.flatMap(({ file, name, secondsMost }): SearchTiming[] => {
    const [run] = commandRuns(command, ["search", join(folder, file)], 1);
    if (run === undefined) throw new Error(`${file} was not searched`);
    const { cpuSeconds, peakMegabytes } = run;
    return [
      {
        name: `${name}, processor time`,
        value: cpuSeconds,
        unit: " s",
        aim: `< ${secondsMost} s`,
        met: cpuSeconds < secondsMost,
      },
      {
        name: `${name}, peak memory`,
        value: peakMegabytes,
        unit: " MB",
        aim: `< ${megabytesMost} MB`,
        met: peakMegabytes < megabytesMost,
      },
    ];
  });
}
