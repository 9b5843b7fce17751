/** One calibration step: reads shared data, prints errors, writes its generated file. */
export interface CalibrationStep {
  readonly name: string;
  /** `shared` is the root of the shared data; `repository` the root of this repository. */
  run(context: {
    readonly shared: string;
    readonly repository: string;
    readonly log: (line: string) => void;
  }): Promise<void>;
}
