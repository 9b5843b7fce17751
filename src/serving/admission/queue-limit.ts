/** A limit of requests in flight a ready replica: beyond it the fleet is full. */

import { type AdmissionEntry, admissionEntry, otherwise } from "./policy.ts";

export const queueLimit: AdmissionEntry = admissionEntry({
  name: "queue-limit",
  summary: "As many requests in flight as the ready replicas may have.",
  sources: [],
  parameters: {
    perReplica: { kind: "count", default: 256, atLeast: 1, description: "Requests in flight of a ready replica." },
    otherwise,
  },
  create: (values) => ({
    admit(_request, replicas) {
      const hasRoom = replicas.some(({ ready, inFlight }) => ready && inFlight < values.perReplica);
      return hasRoom ? "accept" : values.otherwise;
    },
  }),
});
