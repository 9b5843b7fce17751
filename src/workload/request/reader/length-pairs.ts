/**
 * Pairs of lengths as CSV (Vidur's processed traces). Without a column of times, `starts` says when requests come.
 * Ignores: content.
 * @source vidur-2024
 */

import { random } from "../../../base/random.ts";
import { Arrivals } from "../arrival.ts";
import type { RequestFormat } from "./format.ts";
import { columnsOf, csvFields, eachLine, numberOf } from "./lines.ts";

const names = ["num_prefill_tokens", "num_decode_tokens", "arrived_at"];

export const lengthPairs: RequestFormat = {
  name: "vidur",
  summary: "Vidur's CSV: num_prefill_tokens, num_decode_tokens, and arrived_at (s) where it has times",
  times: "starts",
  detect: (beginning) => /num_prefill_tokens/.test(beginning) && /num_decode_tokens/.test(beginning),
  read: (files, intake, { starts, seed }) => {
    const stages = [{ rate: starts?.rate ?? 0, duration: Number.POSITIVE_INFINITY }];
    const law = starts?.law ?? { kind: "poisson" as const };
    const arrivals = new Arrivals(law, starts === undefined ? [] : stages, random(seed).stream("workload/starts"));
    for (const { name, text } of files) {
      let places: readonly number[] | undefined;
      eachLine(text, (line, number) => {
        intake.at(name, number);
        if (places === undefined) {
          places = columnsOf(line, names);
          if (places[0] === -1 || places[1] === -1)
            intake.fail(`${name}: expected columns ${names.slice(0, 2).join(", ")}`);
          return places[0] === -1 || places[1] === -1 ? "stop" : undefined;
        }
        const fields = csvFields(line);
        const [input, output, arrived] = places.map((place) => numberOf(fields[place]));
        intake.add({ release: starts === undefined ? arrived : arrivals.next(), input, output });
        return intake.full ? "stop" : undefined;
      });
    }
  },
};
