/** Flows: collectives and jobs that share the links of a topology. */

export { collectiveFlow, type FlowAlgorithm, type FlowOperation, type FlowRequest } from "./collective-flow.ts";
export { type Job, type JobPhase, type JobRun, type JobsRun, type LinkLoad, runJobs } from "./jobs.ts";
