/**
 * BLIS TraceV2: the CSV of requests (its YAML header may come along and says nothing that is used here).
 *
 * `input_tokens` counts what comes after the shared prefix of `prefix_length` tokens; rows of one `prefix_group` share
 * it. Deadlines become time-outs of classes. Ignores: recorded latencies, models, rounds of sessions as dependencies
 * (arrivals are replayed as recorded), prefix content beyond its group.
 * @source blis-trace-v2
 */

import { FreshIds } from "../content.ts";
import type { RequestFormat } from "./format.ts";
import type { Intake } from "./intake.ts";
import { columnsOf, csvFields, eachLine, numberOf } from "./lines.ts";

const microseconds = 1e6;
/** Groups share their prefix to the last token; this is only how finely ids are handed out. */
const chunkTokens = 16;

const needed = ["arrival_time_us", "input_tokens", "output_tokens"];
const optional = [
  "prefix_group",
  "prefix_length",
  "slo_class",
  "deadline_us",
  "session_id",
  "adapter",
  "vllm_priority",
];

export const blis: RequestFormat = {
  name: "blis",
  summary: "BLIS TraceV2: CSV of arrivals, lengths, prefix groups, classes and adapters",
  times: "clock",
  detect: (beginning) => /^request_id,/.test(beginning) && /\barrival_time_us\b/.test(beginning),
  read: (files, intake) => {
    const reader = new BlisReader(intake);
    intake.begin({ chunkTokens });
    for (const { name, text } of files) {
      let places: readonly number[] | undefined;
      eachLine(text, (line, number) => {
        intake.at(name, number);
        if (places !== undefined) reader.row(csvFields(line), places);
        else if (line.startsWith("trace_version") || line.startsWith("#")) return "stop";
        else {
          places = columnsOf(line, [...needed, ...optional]);
          if (places.slice(0, needed.length).includes(-1)) {
            intake.fail(`${name}: expected columns ${needed.join(", ")}`);
            return "stop";
          }
        }
        return intake.full ? "stop" : undefined;
      });
    }
  },
};

interface Group {
  readonly first: number;
  readonly chunks: number;
}

class BlisReader {
  private readonly ids = new FreshIds();
  private readonly groups = new Map<string, Group>();
  private readonly sessions = new Map<string, number>();
  private readonly classIndex = new Map<string, number>();
  private readonly intake: Intake;

  constructor(intake: Intake) {
    this.intake = intake;
  }

  row(fields: readonly string[], places: readonly number[]): void {
    const [time, input, output, group, prefix, slo, deadline, session, adapter, priority] = places.map(
      (place) => fields[place],
    );
    const arrival = numberOf(time);
    const prefixLength = numberOf(prefix) ?? 0;
    const classIndex = this.classOf(slo ?? "", { arrival, deadline: numberOf(deadline), priority: numberOf(priority) });
    if (classIndex === undefined) return;
    const own = numberOf(input);
    this.intake.add({
      release: arrival === undefined ? time : arrival / microseconds,
      input: own === undefined ? input : own + prefixLength,
      output: numberOf(output),
      ids: group ? this.prefixIds(`${group} ${prefixLength}`, prefixLength) : [],
      covered: group ? prefixLength : 0,
      session: session ? indexOf(this.sessions, session) : -1,
      classIndex,
      adapter: adapter ? this.adapterOf(adapter) : -1,
    });
  }

  private prefixIds(group: string, tokens: number): Int32Array {
    const chunks = Math.ceil(tokens / chunkTokens);
    const known = this.groups.get(group) ?? { first: this.ids.take(chunks), chunks };
    this.groups.set(group, known);
    return Int32Array.from({ length: chunks }, (_, at) => known.first + at);
  }

  /** Requests of one name and one time to wait are a class. */
  private classOf(
    slo: string,
    times: { arrival: number | undefined; deadline: number | undefined; priority: number | undefined },
  ): number | undefined {
    const { arrival = 0, deadline = 0, priority = 0 } = times;
    const timeout = deadline > 0 ? (deadline - arrival) / microseconds : Number.POSITIVE_INFINITY;
    const key = `${slo} ${timeout} ${priority}`;
    const known = this.classIndex.get(key);
    if (known !== undefined) return known;
    if (!(timeout > 0)) {
      this.intake.reject(`deadline_us ${deadline} is not after the arrival`);
      return undefined;
    }
    if (this.classIndex.size === 256) {
      this.intake.reject("more than 256 classes, by name, priority and time to the deadline");
      return undefined;
    }
    this.classIndex.set(key, this.classIndex.size);
    const name = slo === "" ? "all" : slo;
    const same = this.intake.classes.some((entry) => entry.name === name);
    this.intake.classes.push({ name: same ? `${name} ${this.classIndex.size}` : name, priority, timeout });
    return this.classIndex.size - 1;
  }

  private adapterOf(name: string): number {
    const known = this.intake.adapters.indexOf(name);
    return known >= 0 ? known : this.intake.adapters.push(name) - 1;
  }
}

function indexOf(table: Map<string, number>, name: string): number {
  const known = table.get(name) ?? table.size;
  table.set(name, known);
  return known;
}
