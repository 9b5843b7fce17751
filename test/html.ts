/** A strict reader of the HTML that we write: tags nest and close, attributes are quoted, identifiers are unique. */

const empty = new Set(["meta", "link", "br", "wbr", "hr", "img"]);
const tag = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>|<!doctype html>|<style>[^<]*<\/style>/g;

/** Mistakes of a page in words; none where it is well-formed. */
export function htmlFaults(page: string): readonly string[] {
  const faults: string[] = [];
  const open: string[] = [];
  const identifiers = new Set<string>();
  let end = 0;
  for (const match of page.matchAll(tag)) {
    faults.push(...textFaults(page.slice(end, match.index)));
    end = match.index + match[0].length;
    const [, closing, name, attributes = "", alone] = match;
    if (name === undefined) continue;
    const id = /\sid="([^"]*)"/.exec(attributes)?.[1];
    if (id !== undefined && identifiers.has(id)) faults.push(`two of id ${id}`);
    if (id !== undefined) identifiers.add(id);
    if (closing === "/") {
      const last = open.pop();
      if (last !== name) faults.push(`</${name}> closes <${last ?? "nothing"}>`);
    } else if (alone === "" && !empty.has(name)) open.push(name);
  }
  faults.push(...textFaults(page.slice(end)), ...open.map((name) => `<${name}> is never closed`));
  for (const [, target] of page.matchAll(/href="#([^"]*)"/g)) {
    if (!identifiers.has(target ?? "")) faults.push(`a link to #${target} that is not there`);
  }
  return faults;
}

/** Between tags: no bare bracket, every ampersand a reference. */
function textFaults(text: string): readonly string[] {
  const bare = /[<>]|&(?!(?:amp|lt|gt|quot|#39);)/.exec(text);
  return bare === null ? [] : [`bare ${bare[0]} in "${text.slice(Math.max(0, bare.index - 20), bare.index + 20)}"`];
}
