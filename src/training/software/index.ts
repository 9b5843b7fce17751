/** Software profiles by `name@version`. Adding one: an entry in its family's file. */

import type { Generation } from "../../catalog/accelerator.ts";
import type { SoftwareProfile } from "../software.ts";
import { deepspeedProfiles } from "./deepspeed.ts";
import { fsdpProfiles } from "./fsdp.ts";
import { megatronProfiles } from "./megatron.ts";
import { megatronBridgeProfiles } from "./megatron-bridge.ts";
import { otherProfiles } from "./other.ts";

/** All profiles, newest version of a family last. */
export const softwareProfiles: readonly SoftwareProfile[] = Object.freeze([
  ...megatronProfiles,
  ...megatronBridgeProfiles,
  ...deepspeedProfiles,
  ...fsdpProfiles,
  ...otherProfiles,
]);

/** What a scenario that names no stack is given, on hardware whose vendor has none among the profiles. */
export const defaultSoftware = "megatron-core@2024.07";

/** The same for an accelerator: MaxText on TPUs, Primus on AMD's, else Megatron-Core, which the others' stacks follow. */
export function usualSoftware(generation: Generation): string {
  if (generation.startsWith("tpu-")) return "maxtext@2025";
  return generation.startsWith("cdna") ? "primus@2025" : defaultSoftware;
}
