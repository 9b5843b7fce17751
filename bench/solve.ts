/** One solve of 65,536 flows in a process of its own; prints the most memory it held, in megabytes. */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { permutationTime } from "./flows.ts";

const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist/src");
permutationTime(await import(join(dist, "network/index.mjs")), await import(join(dist, "simulation/index.mjs")));
console.log((process.resourceUsage().maxRSS * 1024) / 1e6);
