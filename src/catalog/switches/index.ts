/** All switches; to add one, add a file and a line here. */

import { type Registry, registry } from "../../base/registry.ts";
import { quantum2 } from "./quantum-2.ts";
import { quantumX800, quantumX800CoPackaged } from "./quantum-x800.ts";
import { spectrum4 } from "./spectrum-4.ts";
import type { SwitchType } from "./switch.ts";

export { opticsTypes } from "./optics.ts";
export type { OpticsType, Price, SwitchType } from "./switch.ts";

export const switchTypes: Registry<SwitchType> = registry("switch", [
  quantum2,
  quantumX800,
  quantumX800CoPackaged,
  spectrum4,
]);
