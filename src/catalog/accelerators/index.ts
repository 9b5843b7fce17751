/** All accelerators; to add one, add a file and a line here. */

import type { Registry } from "../../base/registry.ts";
import { registry } from "../../base/registry.ts";
import type { Accelerator } from "../accelerator.ts";
import { a30 } from "./a30.ts";
import { a40 } from "./a40.ts";
import { a100Pcie40gb } from "./a100-pcie-40gb.ts";
import { a100Pcie80gb } from "./a100-pcie-80gb.ts";
import { a100Sxm40gb } from "./a100-sxm-40gb.ts";
import { a100Sxm80gb } from "./a100-sxm-80gb.ts";
import { ascend910b } from "./ascend-910b.ts";
import { b200Sxm } from "./b200-sxm.ts";
import { b300Sxm } from "./b300-sxm.ts";
import { gaudi2 } from "./gaudi2.ts";
import { gaudi3 } from "./gaudi3.ts";
import { gb200 } from "./gb200.ts";
import { gb300 } from "./gb300.ts";
import { h20 } from "./h20.ts";
import { h100Nvl } from "./h100-nvl.ts";
import { h100Pcie } from "./h100-pcie.ts";
import { h100Sxm } from "./h100-sxm.ts";
import { h200Nvl } from "./h200-nvl.ts";
import { h200Sxm } from "./h200-sxm.ts";
import { h800Sxm } from "./h800-sxm.ts";
import { l4 } from "./l4.ts";
import { l40s } from "./l40s.ts";
import { mi250x } from "./mi250x.ts";
import { mi250xGcd } from "./mi250x-gcd.ts";
import { mi300x } from "./mi300x.ts";
import { mi325x } from "./mi325x.ts";
import { mi355x } from "./mi355x.ts";
import { rtx4090 } from "./rtx-4090.ts";
import { rtxPro6000 } from "./rtx-pro-6000.ts";
import { tpuV4 } from "./tpu-v4.ts";
import { tpuV5e } from "./tpu-v5e.ts";
import { tpuV5p } from "./tpu-v5p.ts";
import { tpuV6e } from "./tpu-v6e.ts";
import { tpuV7x } from "./tpu-v7x.ts";
import { trainium2 } from "./trainium2.ts";

export const accelerators: Registry<Accelerator> = registry("accelerator", [
  a100Sxm40gb,
  a100Sxm80gb,
  a100Pcie40gb,
  a100Pcie80gb,
  a30,
  a40,
  h100Sxm,
  h100Pcie,
  h100Nvl,
  h200Sxm,
  h200Nvl,
  h800Sxm,
  h20,
  b200Sxm,
  b300Sxm,
  gb200,
  gb300,
  l4,
  l40s,
  rtxPro6000,
  rtx4090,
  mi250x,
  mi250xGcd,
  mi300x,
  mi325x,
  mi355x,
  tpuV4,
  tpuV5e,
  tpuV5p,
  tpuV6e,
  tpuV7x,
  gaudi2,
  gaudi3,
  trainium2,
  ascend910b,
]);
