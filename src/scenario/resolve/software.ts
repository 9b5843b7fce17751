/** The training stack by name, inline, or the default. */

import { defaultSoftware, type SoftwareProfile } from "../../training/index.ts";
import type { SoftwareInline } from "../schema/software.ts";
import { software, softwareName } from "../software.ts";
import { merged } from "./merge.ts";
import type { Notes } from "./notes.ts";

/** The profile; an inline object changes fields of the one it extends, by default of the default stack. */
export function resolveSoftware(written: string | SoftwareInline | undefined, notes: Notes): SoftwareProfile {
  if (written === undefined) {
    const reason = "not given; the default stack of training scenarios";
    notes.assumptions.push({ path: "software", value: defaultSoftware, reason });
    return software.get(defaultSoftware);
  }
  if (typeof written === "string") return software.get(written);
  if (written.extends === undefined) {
    const reason = "not given; fields that the inline object leaves out are those of the default stack";
    notes.assumptions.push({ path: "software.extends", value: defaultSoftware, reason });
  }
  const base = software.get(written.extends ?? defaultSoftware);
  const { extends: _, ...fields } = written;
  const label = written.label ?? `${softwareName(base)}, changed`;
  return merged(base, { ...fields, version: written.version ?? `${base.version}-changed`, label }) as SoftwareProfile;
}
