/** Keys of `reliability:` and `storage:`. */

import type { Case, Section } from "./written.ts";

const reliability = (fields: Section): Section => ({ reliability: fields });
const checkpoint = (fields: Section): Section => ({ reliability: { checkpoint: fields } });
const store: Section = { storage: { write: "10 GB/s" } };
const memory: Section = { every: "1 min", recovers: "50 %" };

export const reliabilityCases: readonly Case[] = [
  ["reliability.mtbf", reliability({ mtbf: "30 kh" }), reliability({})],
  ...["accelerator", "memory", "nic", "network", "host", "software"].map((component): Case => {
    return [`reliability.mtbf.${component}`, reliability({ mtbf: { [component]: "20 kh" } }), reliability({})];
  }),
  ...["detection", "restart", "repair"].map((key): Case => {
    return [`reliability.${key}`, reliability({ [key]: "1 h" }), reliability({ spares: 0 })];
  }),
  ["reliability.spares", reliability({ spares: 3 }), reliability({ spares: 0 })],
  ["reliability.deadline", reliability({ deadline: "700 days" }), reliability({ deadline: "1 day" })],
  ["reliability.checkpoint.every", checkpoint({ every: "3 h" }), checkpoint({ every: "auto" })],
  ["reliability.checkpoint.every auto", checkpoint({ every: "auto" }), checkpoint({ every: "3 h" })],
  ["reliability.checkpoint.mode", { ...store, ...checkpoint({ mode: "sync" }) }, { ...store, ...checkpoint({}) }],
  ...["weights", "gradients"].map((contents): Case => {
    return [`reliability.checkpoint.contents ${contents}`, checkpoint({ contents }), checkpoint({})];
  }),
  ["reliability.checkpoint.bytesPerParameter", checkpoint({ bytesPerParameter: "12 B" }), checkpoint({})],
  ["reliability.checkpoint.writers", checkpoint({ writers: "one-replica" }), checkpoint({})],
  ["reliability.checkpoint.stall", checkpoint({ stall: "30 s" }), checkpoint({})],
  ["reliability.checkpoint.overhead", checkpoint({ overhead: "5 s" }), checkpoint({})],
  ["reliability.checkpoint.memory.every", checkpoint({ memory: { every: "5 min" } }), checkpoint({ memory })],
  ["reliability.checkpoint.memory.recovers", checkpoint({ memory: { recovers: "90 %" } }), checkpoint({ memory })],
  ["storage.write", { storage: { write: "1 GB/s" } }, { ...reliability({}), ...store }],
  ["storage.read", { storage: { read: "1 GB/s" } }, { ...reliability({}), ...store }],
  ["storage.perNode", { storage: { perNode: "1 MB/s" } }, { ...reliability({}), ...store }],
];
