/** The plainest trace: one JSON object a line with a time and two lengths. Ignores: content, sessions. */

import type { RequestFormat } from "./format.ts";
import type { Intake } from "./intake.ts";
import { eachLine, field, jsonObject } from "./lines.ts";

const microseconds = 1e6;

export const plain: RequestFormat = {
  name: "plain",
  summary: "JSON lines {arrival (s) or t_us (us), input or in, output or out}: times and lengths alone",
  times: "clock",
  detect: (beginning) => {
    const row = jsonObject(beginning.slice(0, (beginning.indexOf("\n") + 1 || beginning.length + 1) - 1));
    return row !== undefined && (row.arrival !== undefined || row.t_us !== undefined);
  },
  read: (files, intake) => {
    for (const { name, text } of files) {
      eachLine(text, (line, number) => {
        intake.at(name, number);
        readLine(line, intake);
        return intake.full ? "stop" : undefined;
      });
    }
  },
};

function readLine(line: string, intake: Intake): void {
  const row = jsonObject(line);
  if (row === undefined) {
    intake.reject("expected a JSON object", 'such as {"arrival": 0.5, "input": 1200, "output": 80}');
    return;
  }
  const micros = row.t_us;
  const release = typeof micros === "number" ? micros / microseconds : field(row, "arrival");
  intake.add({ release, input: field(row, "input", "in"), output: field(row, "output", "out") });
}
