/**
 * Megatron-Core's text for what each virtual stage holds: `E` embedding, `t` transformer layer, `m` MTP module, `L`
 * loss; `|` ends a stage, `x*n` and `(…)*n` repeat, commas mean nothing. `Et*3|(tt|)*29,m|L` is DeepSeek-V3 over 32
 * stages.
 * @source megatron-core-pipeline-layout
 */

import type { StageEnds } from "./layout.ts";

export interface StageText {
  /** Transformer layers of each stage, in pipeline order. */
  readonly layers: readonly number[];
  readonly ends: StageEnds;
}

/** What is wrong with a text, and what to write. */
export interface StageTextProblem {
  readonly message: string;
  readonly hint: string;
}

/** What the text says, or the first thing wrong with it. */
export function parseStageText(text: string): StageText | StageTextProblem {
  const parts = expand(text);
  if (!Array.isArray(parts)) return parts as StageTextProblem;
  const wrong = misplaced(parts);
  if (wrong !== undefined) return wrong;
  const stages = parts.join("").split("|");
  const stageOf = (letter: string): number => stages.findIndex((stage) => stage.includes(letter));
  const modules = stages.flatMap((stage, index) => new Array<number>(countOf(stage, "m")).fill(index));
  return {
    layers: stages.map((stage) => countOf(stage, "t")),
    ends: { embedding: stageOf("E"), loss: stageOf("L"), modules },
  };
}

/** True where embedding sits on the first stage, loss and MTP modules on the last: where they sit by default. */
export function endsAreUsual({ embedding, loss, modules }: StageEnds, stages: number): boolean {
  return embedding === 0 && loss === stages - 1 && modules.every((stage) => stage === stages - 1);
}

const hint = 'e.g. "Et*4|(t*4|)*14tmL": E embedding, t layer, m MTP module, L loss, | the end of a stage';

/** More than any pipeline has parts: what repeats beyond is a slip. */
const partsMost = 1_000_000;

/** The letters and bars of a text, repetitions written out. */
function expand(text: string): string[] | StageTextProblem {
  const out: string[] = [];
  let group: { readonly from: number; readonly start: number } | undefined;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? "";
    if (letter === "," || letter === " ") continue;
    if (letter === "(") {
      if (group !== undefined) return problemAt(at, "a group inside a group", hint);
      group = { from: out.length, start: at };
      continue;
    }
    const first = letter === ")" ? group?.from : out.length;
    if (first === undefined) return problemAt(at, '")" without "("', hint);
    if (letter === ")") group = undefined;
    else if ("EtmL|".includes(letter)) out.push(letter);
    else return problemAt(at, `"${letter}" is none of E, t, m, L, |, ( and )`, hint);
    const times = /^\*(\d*)/.exec(text.slice(at + 1));
    if (times === null && letter === ")") return problemAt(at, '")" is not followed by *n', 'e.g. "(t*4|)*14"');
    if (times === null) continue;
    const repeat = Number(times[1]);
    if (times[1] === "" || repeat < 1) return problemAt(at + 1, '"*" is not followed by a count of at least 1', hint);
    if ((out.length - first) * repeat > partsMost)
      return problemAt(at + 1, `*${repeat} is more than any model has`, hint);
    const piece = out.splice(first);
    for (let turn = 0; turn < repeat; turn++) out.push(...piece);
    at += times[0].length;
  }
  return group === undefined ? out : problemAt(group.start, '"(" is not closed', hint);
}

function problemAt(index: number, message: string, advice: string): StageTextProblem {
  return { message: `at character ${index + 1}: ${message}`, hint: advice };
}

/** One embedding, then layers, then MTP modules, then one loss. */
function misplaced(parts: readonly string[]): StageTextProblem | undefined {
  const letters = parts.filter((part) => part !== "|").join("");
  for (const letter of ["E", "L"]) {
    const found = countOf(letters, letter);
    if (found !== 1) return { message: `found ${found} ${letter}, expected one`, hint };
  }
  const turn = /[^E]E|[mL]t|Lm/.exec(letters)?.[0];
  if (turn === undefined) return undefined;
  const message = `found ${turn[1]} after ${turn[0]}; E, t, m and L come in this order`;
  return { message, hint };
}

function countOf(text: string, letter: string): number {
  return text.split(letter).length - 1;
}
