/** The training stack by name, inline, or the default. */

import type { Accelerator } from "../../catalog/accelerator.ts";
import { defaultSoftware, type SoftwareProfile, usualSoftware } from "../../training/index.ts";
import type { SoftwareInline } from "../schema/software.ts";
import { software, softwareName } from "../software.ts";
import { merged } from "./merge.ts";
import { type Notes, problem } from "./notes.ts";

/** The profile; an inline object changes fields of the one it extends, by default of the default stack. */
export function resolveSoftware(
  written: string | SoftwareInline | undefined,
  accelerator: Accelerator | undefined,
  notes: Notes,
): SoftwareProfile {
  const usual = accelerator === undefined ? defaultSoftware : usualSoftware(accelerator.generation);
  if (written === undefined) {
    const of = usual === defaultSoftware ? "of training scenarios" : `on ${accelerator?.name}`;
    notes.assumptions.push({ path: "software", value: usual, reason: `not given; the default stack ${of}` });
    return software.get(usual);
  }
  if (typeof written === "string") return software.get(written);
  if (written.extends === undefined) {
    const reason = "not given; fields that the inline object leaves out are those of the default stack";
    notes.assumptions.push({ path: "software.extends", value: usual, reason });
  }
  const base = software.get(written.extends ?? usual);
  const { extends: _, ...fields } = written;
  const label = written.label ?? `${softwareName(base)}, changed`;
  const version = written.version ?? `${base.version}-changed`;
  const profile = merged(base, { ...fields, version, label }) as SoftwareProfile;
  if (written.cudaGraphScope !== undefined && profile.cudaGraphs !== "partial") {
    const message = `has no effect with cudaGraphs: ${profile.cudaGraphs}`;
    problem(notes, "software.cudaGraphScope", message, "remove it, or write cudaGraphs: partial");
  }
  return profile;
}
