/** Simulation: clock, event queue, timeline. */
export { type Action, EventQueue, type Phase } from "./queue.ts";
export { type Clock, Simulation } from "./simulation.ts";
export {
  type ChromeTrace,
  chromeTrace,
  type Slice,
  type Timeline,
  type TimelineGroup,
  type TraceEvent,
} from "./timeline.ts";
