/** Storage: checkpoints to a store and back. */
export {
  type CheckpointTimes,
  type CheckpointWork,
  checkpointTimes,
  copyEfficiency,
  type Store,
} from "./checkpoint.ts";
