/** Length distributions of ServeGen's clients, one for each field and window of six hours. */

import type { Seconds } from "../../../base/quantity.ts";
import type { RandomStream } from "../../../base/random.ts";
import { type Draw, lengthDraw } from "../length.ts";
import type { TraceFile } from "./format.ts";
import type { Intake } from "./intake.ts";
import { eachLine, jsonObject } from "./lines.ts";

/** Lengths of one client: those of the last window that has begun, or of the first. */
export class WindowLengths {
  private readonly starts: Seconds[] = [];
  private readonly inputs: (readonly Draw[])[] = [];
  private readonly outputs: Draw[] = [];

  add(start: Seconds, inputs: readonly Draw[], output: Draw): void {
    this.starts.push(start);
    this.inputs.push(inputs);
    this.outputs.push(output);
  }

  draw(time: Seconds, stream: RandomStream): { readonly input: number; readonly output: number } {
    let at = 0;
    for (let index = 1; index < this.starts.length; index++) if ((this.starts[index] as number) <= time) at = index;
    let input = 0;
    for (const draw of this.inputs[at] as readonly Draw[]) input += draw(stream);
    return { input: Math.max(input, 1), output: Math.max((this.outputs[at] as Draw)(stream), 1) };
  }
}

/** Parts of a multimodal prompt; each adds its tokens. */
const promptParts = ["text_tokens", "image_tokens", "audio_tokens", "video_tokens"];

/** Lengths by client; lines in order of windows. */
export function readLengths(file: TraceFile, intake: Intake): ReadonlyMap<number, WindowLengths> {
  const clients = new Map<number, WindowLengths>();
  eachLine(file.text, (line, number) => {
    intake.at(file.name, number);
    const row = jsonObject(line);
    const client = row?.client;
    const start = row?.window_start_s;
    if (row === undefined || typeof client !== "number" || typeof start !== "number") {
      intake.reject("expected a JSON object with client, window_start_s and distributions {x, p}");
      return undefined;
    }
    const fields = row.input_tokens === undefined ? promptParts : ["input_tokens"];
    const inputs = fields.flatMap((name) => drawOf(row[name]) ?? []);
    const output = drawOf(row.output_tokens);
    if (inputs.length === 0 || output === undefined) {
      intake.reject("expected distributions {x, p} of input_tokens (or text_tokens and others) and output_tokens");
      return undefined;
    }
    if (fields.length > 1) intake.note("tokens of text, images, audio and video are drawn apart and added");
    const lengths = clients.get(client) ?? new WindowLengths();
    lengths.add(start, inputs, output);
    clients.set(client, lengths);
    return undefined;
  });
  return clients;
}

/** Weights need not add up to 1: the recording rounds them. */
function drawOf(value: unknown): Draw | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { x, p } = value as { x?: unknown; p?: unknown };
  if (!isNumbers(x) || !isNumbers(p) || x.length !== p.length || !p.some((weight) => weight > 0)) return undefined;
  return lengthDraw({ kind: "values", values: Int32Array.from(x), weights: Float64Array.from(p), least: 0 });
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "number" && entry >= 0);
}
