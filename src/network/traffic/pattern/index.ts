/** All traffic patterns; to add one, add a file and a line here. */

import { type Registry, registry } from "../../../base/registry.ts";
import { allToAll } from "./all-to-all.ts";
import { bisection } from "./bisection.ts";
import { broadcastTree } from "./broadcast-tree.ts";
import { checkpoint } from "./checkpoint.ts";
import { halo2d, halo3d } from "./halo.ts";
import { incast } from "./incast.ts";
import { neighbour } from "./neighbour.ts";
import { pairs } from "./pairs.ts";
import type { TrafficPattern } from "./pattern.ts";
import { permutation } from "./permutation.ts";
import { randomDestinations } from "./random.ts";
import { transpose } from "./transpose.ts";

export const trafficPatterns: Registry<TrafficPattern> = registry("traffic pattern", [
  permutation,
  randomDestinations,
  neighbour,
  bisection,
  pairs,
  allToAll,
  incast,
  checkpoint,
  halo2d,
  halo3d,
  transpose,
  broadcastTree,
]);
