/** All fabrics; to add one, add a file and a line here. */

import type { Registry } from "../../base/registry.ts";
import { registry } from "../../base/registry.ts";
import type { Fabric } from "../cluster.ts";
import { alibabaHpn } from "./alibaba-hpn.ts";
import { efa } from "./efa.ts";
import { ethernet25g } from "./ethernet-25g.ts";
import { ethernet100g } from "./ethernet-100g.ts";
import { infinibandHdr } from "./infiniband-hdr.ts";
import { infinibandNdr } from "./infiniband-ndr.ts";
import { infinibandXdr } from "./infiniband-xdr.ts";
import { llama3Roce } from "./llama3-roce.ts";
import { none } from "./none.ts";
import { roce200g } from "./roce-200g.ts";
import { roce400g } from "./roce-400g.ts";
import { slingshot } from "./slingshot.ts";
import { tpuDcn } from "./tpu-dcn.ts";

export const fabrics: Registry<Fabric> = registry("fabric", [
  infinibandHdr,
  infinibandNdr,
  infinibandXdr,
  roce400g,
  roce200g,
  llama3Roce,
  alibabaHpn,
  efa,
  slingshot,
  ethernet100g,
  ethernet25g,
  tpuDcn,
  none,
]);
