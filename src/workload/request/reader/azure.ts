/**
 * Azure's LLM inference traces: CSV of wall-clock time and two lengths. Times count from the first row.
 * Ignores: content, of which the trace has none.
 * @source azure-llm-2023
 */

import type { RequestFormat } from "./format.ts";
import type { Intake } from "./intake.ts";
import { columnsOf, csvFields, eachLine, numberOf } from "./lines.ts";

export const azure: RequestFormat = {
  name: "azure",
  summary: "Azure's CSV: TIMESTAMP, ContextTokens, GeneratedTokens",
  times: "clock",
  detect: (beginning) => /^\W*timestamp\s*,\s*contexttokens\s*,\s*generatedtokens/i.test(beginning),
  read: (files, intake) => {
    for (const { name, text } of files) {
      const reader = new AzureReader(intake);
      eachLine(text, (line, number) => {
        intake.at(name, number);
        reader.line(line);
        return intake.full ? "stop" : undefined;
      });
    }
  },
};

class AzureReader {
  private columns: readonly number[] | undefined;
  private firstDay = Number.NaN;
  private first = Number.NaN;
  private readonly intake: Intake;

  constructor(intake: Intake) {
    this.intake = intake;
  }

  line(line: string): void {
    if (this.columns === undefined) {
      this.columns = columnsOf(line, ["TIMESTAMP", "ContextTokens", "GeneratedTokens"]);
      if (this.columns.includes(-1)) this.intake.fail("expected columns TIMESTAMP, ContextTokens, GeneratedTokens");
      return;
    }
    const fields = csvFields(line);
    const [time, input, output] = this.columns.map((column) => fields[column]);
    const release = this.secondsOf(time ?? "");
    if (release === undefined) {
      this.intake.reject(`time "${time ?? ""}"`, "expected such as 2023-11-16 18:17:03.9799600");
      return;
    }
    this.intake.add({ release, input: numberOf(input), output: numberOf(output) });
  }

  /** Seconds since the first row. Days and seconds of the day apart: a double of both would lose the last digits. */
  private secondsOf(text: string): number | undefined {
    const match = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d(?:\.\d+)?)(?:\+00:00|Z)?$/.exec(text.trim());
    if (match === null) return undefined;
    const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as number[];
    const date = dayNumber(year as number, month as number, day as number);
    const ofDay = (hour as number) * 3600 + (minute as number) * 60 + (second as number);
    if (Number.isNaN(this.first)) {
      this.firstDay = date;
      this.first = ofDay;
    }
    return (date - this.firstDay) * 86400 + (ofDay - this.first);
  }
}

/** Days of the civil calendar, from any fixed day on. */
function dayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const monthFromMarch = (month + 9) % 12;
  const leaps = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  return 365 * shifted + leaps + Math.floor((153 * monthFromMarch + 2) / 5) + day;
}
