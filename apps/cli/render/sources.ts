/** Sources that an answer cites. */

import type { Source } from "../../../src/catalog/index.ts";
import { hanging, type View } from "../view.ts";

/** A titled list, after an empty line; nothing where nothing is cited. */
export function sourceLines(sources: Readonly<Record<string, Source>>, view: View): string[] {
  const cited = Object.entries(sources);
  if (cited.length === 0) return [];
  const lines = cited.map(([key, { title, year, url }]) => {
    const text = `${title}${year === undefined ? "" : ` (${year})`}${url === undefined ? "" : ` ${url}`}`;
    return hanging(`  ${key}: `, text, view.width);
  });
  return ["", view.bold("Sources"), ...lines];
}
