/** Flows: collectives and jobs that share the links of a topology. */

export { collectiveFlow, type FlowAlgorithm, type FlowOperation, type FlowRequest } from "./collective-flow.ts";
export { type Incast, type IncastRange, incastRange, type Overload, overloadOf } from "./incast.ts";
export { type Job, type JobPhase, type JobRun, type JobsRun, type LinkLoad, type PhaseFlow, runJobs } from "./jobs.ts";
