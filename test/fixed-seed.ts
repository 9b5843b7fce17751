/**
 * Every run of the tests draws the same random cases, so that a green build stays green; FAST_CHECK_SEED draws others.
 */

import fc from "fast-check";

const usual = 20_261_122;

fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? usual) });
