/** The software section: the nearest profile by name, with the switches that the file sets otherwise. */

import { software, softwareName } from "../scenario/index.ts";
import type { SoftwareProfile } from "../training/index.ts";
import type { Sheet } from "./sheet.ts";

const prefix = "software.";

/** Writes `software`; `usual` is the profile of this kind of file where nobody names one. */
export function placeSoftware(sheet: Sheet, usual: string, chosen: string | undefined): void {
  const name = chosen ?? usual;
  const profile = software.find(name);
  if (profile === undefined) {
    sheet.problems.push(software.unknown(name, "--software"));
    return;
  }
  if (chosen === undefined) {
    sheet.asked.push({ what: "the version of the stack", option: "--software NAME@VERSION", taken: usual });
  }
  const changes: Record<string, unknown> = {};
  for (const [key, value] of sheet.values) {
    if (!key.startsWith(prefix)) continue;
    sheet.values.delete(key);
    const path = key.slice(prefix.length).split(".");
    if (valueAt(profile, path) === value) continue;
    place(changes, path, path[0] === "bytes" ? `${value} B` : value);
  }
  const written = softwareName(profile);
  sheet.values.set("software", Object.keys(changes).length === 0 ? written : { extends: written, ...changes });
}

function valueAt(profile: SoftwareProfile, path: readonly string[]): unknown {
  let here: unknown = profile;
  for (const part of path) here = (here as Readonly<Record<string, unknown>> | undefined)?.[part];
  return here;
}

/** Sets a value below nested objects, which are made where they are missing. */
export function place(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = "", ...rest] = path;
  if (rest.length === 0) {
    into[first] = value;
    return;
  }
  const below = (into[first] ?? {}) as Record<string, unknown>;
  into[first] = below;
  place(below, rest, value);
}
