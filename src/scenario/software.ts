/** Training stacks by the name a scenario writes: `name@version`. */

import type { Problem } from "../base/problem.ts";
import { type Registry, registry } from "../base/registry.ts";
import { type SoftwareProfile, softwareProfiles } from "../training/index.ts";

/** `megatron-core@2024.07`. */
export function softwareName(profile: SoftwareProfile): string {
  return `${profile.name}@${profile.version}`;
}

const profiles: Registry<SoftwareProfile> = registry("software", softwareProfiles, softwareName);

/** The newest version of a stack, where a name is that of a stack, with whatever version behind it. */
function newest(name: string): string | undefined {
  const stack = stackOf(name);
  const last = profiles.entries.findLast((profile) => profile.name === stack);
  return last === undefined ? undefined : softwareName(last);
}

function stackOf(name: string): string {
  return name.trim().toLowerCase().split("@")[0] ?? "";
}

/** All profiles by `name@version`. A stack without a version suggests its newest. */
export const software: Registry<SoftwareProfile> = Object.freeze({
  ...profiles,
  suggestion: (name: string) => (name.includes("@") ? undefined : newest(name)) ?? profiles.suggestion(name),
  unknown(name: string, path: string): Problem {
    const last = newest(name);
    if (last === undefined || (name.includes("@") && profiles.suggestion(name) !== undefined)) {
      return profiles.unknown(name, path);
    }
    const versions = profiles.entries.filter((profile) => profile.name === stackOf(name)).map(softwareName);
    const message = name.includes("@") ? `unknown version "${name}"` : `"${name}" lacks a version`;
    return { path, message, hint: `write "${last}"${versions.length > 1 ? `; known: ${versions.join(", ")}` : ""}` };
  },
});
