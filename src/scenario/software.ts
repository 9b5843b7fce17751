/** Training stacks by the name a scenario writes: `name@version`. */

import { type Registry, registry } from "../base/registry.ts";
import { type SoftwareProfile, softwareProfiles } from "../training/index.ts";

/** `megatron-core@2024.07`. */
export function softwareName(profile: SoftwareProfile): string {
  return `${profile.name}@${profile.version}`;
}

/** All profiles by `name@version`. */
export const software: Registry<SoftwareProfile> = registry("software", softwareProfiles, softwareName);
