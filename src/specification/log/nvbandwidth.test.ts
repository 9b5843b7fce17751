import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { readNvbandwidth } from "./nvbandwidth.ts";

/** Made to the forms that output.cpp and json_output.cpp write; no log of a machine ships under a licence that says so. */
const printed = `nvbandwidth Version: v0.8
Built from Git version: v0.8

CUDA Runtime Version: 13000
CUDA Driver Version: 13000
Driver Version: 580.95.05

Device 0: NVIDIA H100 80GB HBM3 (00000000:1b:00)
Device 1: NVIDIA H100 80GB HBM3 (00000000:43:00)

Running host_to_device_memcpy_ce.
memcpy CE CPU(row) -> GPU(column) bandwidth (GB/s)
           0         1
 0     55.31     27.44

SUM host_to_device_memcpy_ce 82.75

Running device_to_device_memcpy_read_ce.
memcpy CE GPU(row) -> GPU(column) bandwidth (GB/s)
           0         1
 0       N/A    391.20
 1    389.75       N/A

SUM device_to_device_memcpy_read_ce 780.95

Running device_local_copy.
memcpy local GPU(column) bandwidth (GB/s)
           0         1
 0   1380.11   1381.02

SUM device_local_copy 2761.13

NOTE: This tool reports current measured bandwidth on your system.
`;

const written = (testcases: readonly unknown[]): string =>
  JSON.stringify({ nvbandwidth: { version: "v0.8", git_version: "v0.8", testcases } }, null, 3);

const host = {
  name: "host_to_device_memcpy_ce",
  status: "Passed",
  bandwidth_description: "memcpy CE CPU(row) -> GPU(column) bandwidth (GB/s)",
  bandwidth_matrix: [["55.31", "27.44"]],
  sum: 82.75,
};
const peer = {
  name: "device_to_device_memcpy_read_ce",
  status: "Passed",
  bandwidth_matrix: [
    ["N/A", "391.2", "388.1"],
    ["389.75", "N/A", "390"],
    ["387", "386", "N/A"],
  ],
  sum: 1,
};

describe("nvbandwidth", () => {
  it("says the same printed and as JSON: each accelerator by itself, other cases noted", () => {
    const [text, ...more] = readNvbandwidth(printed, "n.log") ?? [];
    const [json] = readNvbandwidth(written([host]), "n.json") ?? [];
    expect(text).toMatchObject({ kind: "link", about: { link: "host" } });
    expect(text?.values).toEqual([
      { metric: "hostToDeviceBandwidth", value: 55.31e9, of: "accelerator 0" },
      { metric: "hostToDeviceBandwidth", value: 27.44e9, of: "accelerator 1" },
    ]);
    expect(json?.values).toEqual(text?.values);
    expect(text?.notes).toEqual(["1 other test cases of nvbandwidth are not judged"]);
    expect(more.map(({ about }) => about.link)).toEqual(["peer"]);
  });

  it("takes the slowest peer of each accelerator", () => {
    const [reading] = readNvbandwidth(written([peer]), "n.json") ?? [];
    expect(reading?.values.map(({ value, of }) => [value, of])).toEqual([
      [388.1e9, "accelerator 0, slowest peer 2"],
      [389.75e9, "accelerator 1, slowest peer 0"],
      [386e9, "accelerator 2, slowest peer 1"],
    ]);
  });

  it("fails a case that ended with an error, and leaves what was waived missing", () => {
    const broken = printed.replace(
      /memcpy CE GPU[\s\S]*SUM device_to_device_memcpy_read_ce 780.95/,
      " Invalid value when checking the pattern",
    );
    const values = (readNvbandwidth(broken, "n.log") ?? []).find(({ about }) => about.link === "peer")?.values;
    expect(values).toMatchObject([{ fault: "Invalid value when checking the pattern" }]);
    const [reading] = readNvbandwidth(written([host, { name: peer.name, status: "Waived" }]), "n.json") ?? [];
    expect(reading?.values.every(({ metric }) => metric === "hostToDeviceBandwidth")).toBe(true);
  });

  it("is no other log, and says so where no case is judged", () => {
    expect(readNvbandwidth("Running the test\n1 2 3\n", "x.log")).toBeUndefined();
    expect(readNvbandwidth('{"jobs": []}', "x.json")).toBeUndefined();
    expect(() => readNvbandwidth(written([{ name: "device_local_copy", status: "Passed" }]), "n.json")).toThrow(
      ProblemError,
    );
  });
});
