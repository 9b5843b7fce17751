/** Sources of the base and the simulation: algorithms that every domain stands on. */
import type { Source } from "./source.ts";

export const foundationSources: Readonly<Record<string, Source>> = {
  "chrome-trace-format": {
    title: "Trace Event Format (Chromium)",
    url: "https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU",
    kind: "documentation",
  },
  "fips-180-4": {
    title: "Secure Hash Standard (FIPS 180-4)",
    year: 2015,
    where: "NIST, sections 4.2.2 and 6.2",
    url: "https://doi.org/10.6028/NIST.FIPS.180-4",
    kind: "documentation",
  },
  "deb-2002": {
    title: "A fast and elitist multiobjective genetic algorithm: NSGA-II (Deb, Pratap, Agarwal, Meyarivan)",
    year: 2002,
    where: "IEEE Transactions on Evolutionary Computation 6(2)",
    kind: "paper",
  },
  "mckay-1979": {
    title: "A comparison of three methods for selecting values of input variables (McKay, Beckman, Conover)",
    year: 1979,
    where: "Technometrics 21(2)",
    kind: "paper",
  },
  "parquet-format": {
    title: "Apache Parquet format: file layout, encodings, thrift definition",
    url: "https://github.com/apache/parquet-format",
    kind: "documentation",
  },
  "thrift-compact": {
    title: "Apache Thrift compact protocol encoding",
    url: "https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md",
    kind: "documentation",
  },
  "aumann-shapley-1974": {
    title: "Values of Non-Atomic Games (Aumann, Shapley)",
    year: 1974,
    where: "Princeton University Press",
    kind: "paper",
  },
  "marsaglia-2000": {
    title: "A simple method for generating gamma variables (Marsaglia, Tsang)",
    year: 2000,
    where: "ACM Transactions on Mathematical Software 26(3)",
    kind: "paper",
  },
  "masson-2019": {
    title: "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees (Masson, Rim, Lee)",
    year: 2019,
    where: "PVLDB 12(12)",
    url: "https://arxiv.org/abs/1908.10693",
    kind: "paper",
  },
  "bertsekas-gallager-1992": {
    title: "Data Networks, second edition: max-min fair flow control",
    year: 1992,
    where: "D. Bertsekas, R. Gallager, Prentice Hall, section 6.5.2",
    url: "https://web.mit.edu/dimitrib/www/datanets.html",
    date: "2026-11",
    kind: "paper",
  },
  practrand: {
    title: "PractRand: sfc32, a small fast counting generator (Doty-Humphrey)",
    url: "https://pracrand.sourceforge.net",
    kind: "source-code",
  },
};
