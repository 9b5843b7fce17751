/** Simulation: clock, event queue, shared resources, timeline. */
export { type Action, EventQueue, type Phase } from "./queue.ts";
export { fairRates, type SharedPaths } from "./sharing/fair-rates.ts";
export { type Pause, type SharedFlow, type SharedPath, Sharing } from "./sharing/sharing.ts";
export { type Clock, Simulation } from "./simulation.ts";
export {
  type ChromeTrace,
  chromeTrace,
  type Slice,
  type Timeline,
  type TimelineGroup,
  type TraceEvent,
} from "./timeline.ts";
