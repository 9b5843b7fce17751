/**
 * Mooncake's traces: arrival, lengths and chained ids of the prompt's 512-token blocks; with sessions that go on after
 * an answer, and the agentic form, whose rows wait for others and for tools.
 *
 * A row with `wait_for` starts `delay` + `tool_wait_ms` after the last of those rows ended. A later row of a session
 * starts `delay` after the row before it; without one, as long after it as the two times are apart.
 * Ignores: branches (they say the same as wait_for from the other side), prefix_reset, tool_events.
 * @source mooncake-trace
 * @source dynamo-agentic-trace
 */

import { ChainedIds, coarsen } from "./chained.ts";
import type { ReadOptions, RequestFormat } from "./format.ts";
import type { Intake } from "./intake.ts";
import { eachLine, field, jsonObject } from "./lines.ts";

const blockTokens = 512;
const milliseconds = 1e3;

export const mooncake: RequestFormat = {
  name: "mooncake",
  summary: "Mooncake JSON lines: timestamp (ms), lengths, ids of 512-token blocks; sessions and agentic waits",
  times: "clock",
  detect: (beginning) => /"(input_length|input_tokens)"/.test(beginning) && !/"timestamp_ns"/.test(beginning),
  read: (files, intake, options) => {
    const reader = new MooncakeReader(intake, options);
    for (const { name, text } of files) {
      eachLine(text, (line, number) => {
        intake.at(name, number);
        reader.line(line);
        return intake.full ? "stop" : undefined;
      });
    }
  },
};

type Row = Readonly<Record<string, unknown>>;

interface LastOfSession {
  readonly row: number;
  readonly session: number;
  readonly timestamp: number;
}

class MooncakeReader {
  private readonly ids = new ChainedIds();
  private readonly sessions = new Map<string, LastOfSession>();
  private readonly rowsById = new Map<string, number>();
  private readonly intake: Intake;
  private readonly factor: number;

  constructor(intake: Intake, options: ReadOptions) {
    this.intake = intake;
    this.factor = chunkFactor(options, blockTokens, intake);
    intake.begin({ chunkTokens: blockTokens * this.factor });
  }

  line(line: string): void {
    const row = jsonObject(line);
    if (row === undefined) {
      const example = 'such as {"timestamp": 0, "input_length": 6758, "output_length": 500, "hash_ids": [0, 1]}';
      this.intake.reject("expected a JSON object", example);
      return;
    }
    const content = this.contentOf(row);
    const order = content === undefined ? undefined : this.orderOf(row);
    if (content === undefined || order === undefined) return;
    const index = this.intake.add({
      release: order.release,
      parents: order.parents,
      session: order.session,
      input: field(row, "input_length", "input_tokens"),
      output: field(row, "output_length", "output_tokens"),
      ...content,
    });
    if (index < 0) return;
    const { session_id: sessionId, request_id: requestId } = row;
    if (isName(sessionId)) {
      const timestamp = Number(field(row, "timestamp", "created_time") ?? Number.NaN);
      this.sessions.set(String(sessionId), { row: index, session: order.session, timestamp });
    }
    if (isName(requestId)) this.rowsById.set(String(requestId), index);
  }

  /** Ids of the prompt, or undefined after a complaint. */
  private contentOf(row: Row): { readonly ids?: Int32Array; readonly covered?: number } | undefined {
    const blocks = row.hash_ids;
    const input = Number(field(row, "input_length", "input_tokens"));
    if (blocks === undefined || blocks === null) return {};
    const ids = Array.isArray(blocks) ? this.ids.of(blocks) : undefined;
    if (ids === undefined) return this.complain("hash_ids: expected a list of block ids");
    const most = Math.ceil(input / blockTokens);
    if (ids.length > most) {
      return this.complain(
        `${ids.length} hash_ids for ${input} tokens: expected at most ${most} of ${blockTokens} tokens`,
      );
    }
    const chunks = coarsen(ids, this.factor);
    // The last block of a prompt may be a part of one; a coarser chunk must be whole.
    const covered =
      this.factor === 1 ? Math.min(input, ids.length * blockTokens) : chunks.length * blockTokens * this.factor;
    return { ids: chunks, covered };
  }

  /** When a row starts, and after whom. */
  private orderOf(row: Row): { release: unknown; parents: readonly number[]; session: number } | undefined {
    const name = row.session_id;
    const last = isName(name) ? this.sessions.get(String(name)) : undefined;
    const session = isName(name) ? (last?.session ?? this.sessions.size) : -1;
    const time = field(row, "timestamp", "created_time");
    const wait = row.wait_for;
    const delay = field(row, "delay", "delay_ms");
    if (Array.isArray(wait) && wait.length > 0) {
      const parents = wait.map((id) => this.rowsById.get(String(id)));
      const unknown = wait.find((_, at) => parents[at] === undefined);
      if (unknown !== undefined)
        return this.complain(`wait_for "${unknown}": expected a request_id of an earlier line`);
      const tools = row.tool_wait_ms ?? 0;
      return { release: milli(sum(delay ?? 0, tools)), parents: parents as number[], session };
    }
    if (last === undefined) return { release: milli(time), parents: [], session };
    const gap = typeof time === "number" ? Math.max(0, time - last.timestamp) : 0;
    return { release: milli(delay ?? (Number.isNaN(gap) ? 0 : gap)), parents: [last.row], session };
  }

  private complain(message: string): undefined {
    this.intake.reject(message);
    return undefined;
  }
}

/** How many of the format's blocks make one chunk of the list. */
export function chunkFactor(options: ReadOptions, own: number, intake: Intake): number {
  if (options.chunkTokens === 0) return 1;
  const factor = options.chunkTokens / own;
  if (Number.isInteger(factor) && factor >= 1) return factor;
  intake.fail(`chunks of ${options.chunkTokens} tokens: expected a multiple of the trace's ${own}`);
  return 1;
}

function isName(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

function milli(value: unknown): unknown {
  return typeof value === "number" ? value / milliseconds : value;
}

/** What is no number stays what it is, so that the complaint shows it. */
function sum(a: unknown, b: unknown): unknown {
  return typeof a === "number" && typeof b === "number" ? a + b : typeof a === "number" ? b : a;
}
