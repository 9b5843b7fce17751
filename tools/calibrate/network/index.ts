/** The network step: fits the curves of collectives and the costs of expert exchanges, writes the calibration. */
import type { CalibrationStep } from "../step.ts";
import { calibrateNetwork } from "./main.ts";

export const network: CalibrationStep = {
  name: "network",
  async run({ shared, log }) {
    const { report } = await calibrateNetwork(shared);
    for (const line of report) log(line);
  },
};
