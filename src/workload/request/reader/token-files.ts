/**
 * ShareGPT-style token files, as LLMServingSim writes them: time, lengths, and ids of the prompt's full 16-token blocks.
 * Ignores: the token ids themselves, where a file has them.
 * @source llmservingsim-workloads
 */

import { ChainedIds, coarsen } from "./chained.ts";
import type { RequestFormat } from "./format.ts";
import { eachLine, field, jsonObject } from "./lines.ts";
import { chunkFactor } from "./mooncake.ts";

const blockTokens = 16;
const nanoseconds = 10 ** 9;

export const tokenFiles: RequestFormat = {
  name: "token-file",
  summary: "ShareGPT-style JSON lines: timestamp_ns, lengths, ids of 16-token blocks",
  times: "clock",
  detect: (beginning) => /"(timestamp_ns|arrival_time_ns)"/.test(beginning),
  read: (files, intake, options) => {
    const factor = chunkFactor(options, blockTokens, intake);
    const chunkTokens = blockTokens * factor;
    const chained = new ChainedIds();
    intake.begin({ chunkTokens });
    for (const { name, text } of files) {
      eachLine(text, (line, number) => {
        intake.at(name, number);
        const row = jsonObject(line);
        const blocks = row?.hash_ids ?? [];
        const ids = Array.isArray(blocks) ? chained.of(blocks) : undefined;
        if (row === undefined) intake.reject("expected a JSON object", "such as one with timestamp_ns, input_length");
        else if (ids === undefined) intake.reject("hash_ids: expected a list of block ids");
        else {
          const input = field(row, "input_length", "input_toks");
          const output = field(row, "output_length", "output_toks");
          const time = field(row, "timestamp_ns", "arrival_time_ns");
          if (ids.length * blockTokens > Number(input)) {
            intake.reject(`${ids.length} hash_ids for ${Number(input)} tokens: expected full blocks of ${blockTokens}`);
          } else {
            const chunks = coarsen(ids, factor);
            const release = typeof time === "number" ? time / nanoseconds : time;
            intake.add({ release, input, output, ids: chunks, covered: chunks.length * chunkTokens });
          }
        }
        return intake.full ? "stop" : undefined;
      });
    }
  },
};
