/** Chakra files for tests. */

/**
 * Every type of attribute, numbers of 64 bits at their ends, then an all-reduce: written by the reference serialiser in
 * Python (protobuf 7.36) from the public schema.
 */
export const referenceHex: string = [
  "260a05302e302e34121d0a06736368656d61ea0112312e302e322d6368616b72612e302e302e34c00508ffffffffffffffffff01121561",
  "6c6c20747970657320c3bc20e5908d20f09f9a801801220c8080808080808080800101002a02ac02308180808080808010388080808080",
  "2042050a035b315d4a131a115b2754656e736f7228666c6f617429275d52140a06646f75626c65120164198d976e1283c0f33f52200a02",
  "646c221a0a18000000000000f83f000000000000f0ff9a9999999999b93f520c0a05666c6f61742d0000c03f52100a02666c320a0a08cd",
  "cccc3d0000104052100a0369333238c79fffffffffffffff0152240a046933326c421c0a1affffffffffffffffff0100ffffffff078080",
  "8080f8ffffffff0152100a03693634488080808080808080800152190a046936346c52110a0feaadc0e524ffffffffffffffffff01520b",
  "0a0375333258ffffffff0f52100a047533326c62080a0601ffffffff0f52100a0375363468ffffffffffffffffff0152150a047536346c",
  "720d0a0b00ffffffffffffffffff01520b0a0373333278ffffffff0f52160a047333326c82010d0a0bf2c001bfee02feffffff0f52110a",
  "037336348801ffffffffffffffffff0152160a047336346c92010d0a0bfeffffffffffffffff0101520b0a036633329d0139300000520f",
  "0a046633326ca201060a04ffffffff520f0a03663634a901ffffffffffffffff521b0a046636346cb201120a1001000000000000000200",
  "000000000000520c0a0473663332bd01c7cfffff52140a05736633326cc2010a0a08ffffffff0500000052100a0473663634c90116e94f",
  "b3fdffffff521c0a05736636346cd201120a10ffffffffffffffffffffffffffffff7f52060a0162d8010152070a026266d80100520c0a",
  "02626ce201050a0301000152080a0173ea0102c3a9520f0a02736cf201080a01610a000a016352080a0179fa010200ff520c0a02796c82",
  "02050a01310a0052060a046e6f6e6552060a02656c420052050a017a4800520801120a414c4c5f52454455434518072a0100520e0a0969",
  "735f6370755f6f70d80100520d0a09636f6d6d5f747970654800520f0a09636f6d6d5f73697a6568808004520d0a0770675f6e616d65ea",
  "010131",
].join("");

/** Put together by hand from the schema: a pass of 10 us, then an all-reduce of 1 MiB over all. */
export const handHex: string = [
  "07", // metadata of 7 bytes
  "0a05302e302e34", // version: 5 bytes, "0.0.4"
  "0a", // a node of 10 bytes
  "0801", // id 1
  "12026677", // name: 2 bytes, "fw"
  "1804", // type COMP_NODE
  "380a", // duration_micros 10
  "43", // a node of 67 bytes
  "08ffffffffffffffffff01", // id 2^64 - 1
  "12026172", // name: 2 bytes, "ar"
  "1807", // type COMM_COLL_NODE
  "2a0101", // data_deps: 1 byte, packed: 1
  "520d0a09636f6d6d5f747970654800", // attr of 13 bytes: comm_type, int64_val 0
  "520f0a09636f6d6d5f73697a6568808040", // attr of 15 bytes: comm_size, uint64_val 2^20
  "520d0a0770675f6e616d65ea010130", // attr of 13 bytes: pg_name, string_val "0"
].join("");

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
