/** Software profiles by `name@version`. Adding one: an entry in its family's file. */

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

/** What a scenario that names no stack is given. */
export const defaultSoftware = "megatron-core@2024.07";
