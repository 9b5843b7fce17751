/** All node types; to add one, add a file and a line here. */

import type { Registry } from "../../base/registry.ts";
import { registry } from "../../base/registry.ts";
import type { NodeType } from "../cluster.ts";
import { a30Box } from "./a30-box.ts";
import { a40Box } from "./a40-box.ts";
import { a1004x200 } from "./a100-4x200.ts";
import { a1008x200Roce } from "./a100-8x200-roce.ts";
import { a10040gb8x200Roce } from "./a100-40gb-8x200-roce.ts";
import { a100PcieBox } from "./a100-pcie-box.ts";
import { atlas800tA2 } from "./atlas-800t-a2.ts";
import { awsP5 } from "./aws-p5.ts";
import { awsP5en } from "./aws-p5en.ts";
import { frontier } from "./frontier.ts";
import { gb200Nvl4 } from "./gb200-nvl4.ts";
import { gb200Nvl72 } from "./gb200-nvl72.ts";
import { gb300Nvl72 } from "./gb300-nvl72.ts";
import { grandTetonH100 } from "./grand-teton-h100.ts";
import { h100NvlBox } from "./h100-nvl-box.ts";
import { h100PcieBox } from "./h100-pcie-box.ts";
import { h100Sxm4x400 } from "./h100-sxm-4x400.ts";
import { h200NvlBox } from "./h200-nvl-box.ts";
import { hgxA100 } from "./hgx-a100.ts";
import { hgxA10040gb } from "./hgx-a100-40gb.ts";
import { hgxB200 } from "./hgx-b200.ts";
import { hgxB300 } from "./hgx-b300.ts";
import { hgxH20 } from "./hgx-h20.ts";
import { hgxH100 } from "./hgx-h100.ts";
import { hgxH100Ethernet } from "./hgx-h100-ethernet.ts";
import { hgxH200 } from "./hgx-h200.ts";
import { hgxH800 } from "./hgx-h800.ts";
import { hlsGaudi2 } from "./hls-gaudi2.ts";
import { hlsGaudi3 } from "./hls-gaudi3.ts";
import { l4Box } from "./l4-box.ts";
import { l40s4x2x400 } from "./l40s-4x-2x400.ts";
import { l40sBox } from "./l40s-box.ts";
import { l40sSingle } from "./l40s-single.ts";
import { mi300x8 } from "./mi300x-8.ts";
import { mi325x8 } from "./mi325x-8.ts";
import { mi355x8 } from "./mi355x-8.ts";
import { rtx4090Box } from "./rtx-4090-box.ts";
import { rtxPro6000Box } from "./rtx-pro-6000-box.ts";
import { tpuV4Pod } from "./tpu-v4-pod.ts";
import { tpuV5ePod } from "./tpu-v5e-pod.ts";
import { tpuV5pPod } from "./tpu-v5p-pod.ts";
import { tpuV6ePod } from "./tpu-v6e-pod.ts";
import { tpuV7xPod } from "./tpu-v7x-pod.ts";
import { trn2 } from "./trn2.ts";
import { trn2Ultraserver } from "./trn2-ultraserver.ts";

export const nodes: Registry<NodeType> = registry("node", [
  hgxA100,
  hgxA10040gb,
  a1008x200Roce,
  a10040gb8x200Roce,
  a1004x200,
  a100PcieBox,
  hgxH100,
  grandTetonH100,
  awsP5,
  awsP5en,
  hgxH100Ethernet,
  h100Sxm4x400,
  h100PcieBox,
  h100NvlBox,
  h200NvlBox,
  hgxH200,
  hgxH800,
  hgxH20,
  hgxB200,
  hgxB300,
  gb200Nvl72,
  gb300Nvl72,
  gb200Nvl4,
  l40sBox,
  l40s4x2x400,
  l40sSingle,
  rtxPro6000Box,
  rtx4090Box,
  l4Box,
  a30Box,
  a40Box,
  frontier,
  mi300x8,
  mi325x8,
  mi355x8,
  tpuV4Pod,
  tpuV5ePod,
  tpuV5pPod,
  tpuV6ePod,
  tpuV7xPod,
  hlsGaudi2,
  hlsGaudi3,
  trn2,
  trn2Ultraserver,
  atlas800tA2,
]);
