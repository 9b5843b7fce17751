/** Recorded and described work: requests of serving. */

export * from "./request/index.ts";
