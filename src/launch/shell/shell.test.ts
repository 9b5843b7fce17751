// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a shell
import { describe, expect, it } from "vitest";
import { knownText, writtenText } from "./expand.ts";
import { runShell } from "./run.ts";

function words(script: string, settings: Record<string, string> = {}): string[] {
  const { commands } = runShell(script, settings);
  return (commands.at(-1) ?? []).map(writtenText);
}

describe("a launch script", () => {
  it.each([
    ["plain words", "run --a 1 'two words' \"3\"", ["run", "--a", "1", "two words", "3"]],
    ["a variable", "TP=8\nrun --tp $TP ${TP}", ["run", "--tp", "8", "8"]],
    ["a default", "run ${TP:-8} ${PP:-$TP} ${X-y}", ["run", "8", "$TP", "y"]],
    ["a default that is assigned", ": ${TP:=4}\nrun $TP", ["run", "4"]],
    ["a default beside a value", "TP=2\nrun ${TP:-8}", ["run", "2"]],
    ["an alternative", "TP=2\nrun a${TP:+b}${PP:+c}", ["run", "ab"]],
    ["continued lines", "run \\\n  --a 1 \\\n  --b", ["run", "--a", "1", "--b"]],
    ["comments", "run a # b\n# run c", ["run", "a"]],
    ["a hash inside a word", "run a#b", ["run", "a#b"]],
    ["arithmetic", "A=4\nB=2\nrun $((A*$B + 10/3 - (1-2)))", ["run", "12"]],
    [
      "a list",
      'A=(--x 1\n # no\n --y "two words")\nrun "${A[@]}" ${A[0]}',
      ["run", "--x", "1", "--y", "two words", "--x"],
    ],
    ["an appended list", "A=(1)\nA+=(2 3)\nrun ${A[@]} ${#A[@]}", ["run", "1", "2", "3", "3"]],
    ["unquoted lists split", 'A=("--f g")\nrun ${A[@]}', ["run", "--f", "g"]],
    ["an empty list", "A=()\nrun a ${A[@]} b", ["run", "a", "b"]],
    ["appended text", "A=a\nA+=b\nrun $A", ["run", "ab"]],
    ["if", "X=fp8\nif [[ $X == fp8 ]]; then Y=1; else Y=2; fi\nrun $Y", ["run", "1"]],
    ["else", 'X=bf16\nif [ "$X" = fp8 ]; then Y=1; elif [ -z "$Z" ]; then Y=3; else Y=2; fi\nrun $Y', ["run", "3"]],
    ["or inside brackets", 'if [[ a == b ]] || [[ -z "$Q" ]]; then Y=1; fi\nrun $Y', ["run", "1"]],
    ["numbers compared", "N=8\nif [ $N -gt 4 ] && [ $N -le 8 ]; then Y=1; fi\nrun $Y", ["run", "1"]],
    ["files exist", "if [ ! -f x.py ]; then exit 1; fi\nrun a", ["run", "a"]],
    ["for", 'for S in 1 2; do X="$X$S"; done\nrun $X', ["run", "$X12"]],
    ["case", "M=7b\ncase $M in\n 13b|70b) L=40;;\n 7*) L=32 ;;\n *) L=1;;\nesac\nrun $L", ["run", "32"]],
    ["functions", 'go() { run --n $1 "$@"; }\ngo 4 5', ["run", "--n", "4", "4", "5"]],
    ["redirections and pipes", "run a 2>&1 > log.txt", ["run", "a"]],
    ["here-documents", "cat <<EOF\nrun b $X\nEOF\nrun a", ["run", "a"]],
    ["no arguments", 'run "$@" a', ["run", "a"]],
    ["exit", "run a\nexit 0\nrun b", ["run", "a"]],
    ["quotes within quotes", 'run "a \'b\' \\"c\\" $HOME"', ["run", "a 'b' \"c\" $HOME"]],
    ["exported", "export N=2 M=3\nrun $N$M", ["run", "23"]],
  ])("%s", (_, script, expected) => {
    expect(words(script)).toEqual(expected);
  });

  it("takes what it is told of its surroundings", () => {
    expect(words("run $TP $1 $2", { TP: "4", "1": "a", "2": "b" })).toEqual(["run", "4", "a", "b"]);
  });

  it("says what is missing, through copies and sums", () => {
    const { commands } = runShell("A=$TP\nrun $A $((A*2)) $(hostname)-x");
    const missing = (commands[0] ?? []).map((field) => field.find((each) => each.missing !== undefined)?.missing);
    expect(missing).toEqual([undefined, "TP", "TP", "$(hostname)"]);
    expect(knownText(commands[0]?.[3] ?? [])).toBe("-x");
  });

  it("keeps lines, inside long texts too", () => {
    const { commands } = runShell('A=" --x 1 \\\n --y 2 \\\n"\nB=(\n --z 3\n)\nrun $A ${B[@]}');
    expect(commands[0]?.map((field) => [writtenText(field), field[0]?.line])).toEqual([
      ["run", 7],
      ["--x", 1],
      ["1", 1],
      ["--y", 2],
      ["2", 2],
      ["--z", 5],
      ["3", 5],
    ]);
  });

  it.each(["'", '"', "$(", "${", "$((", "A=(", "if", "if a; then", "case x in", "for", "f() {", ")", ";;", "<<", "`"])(
    "survives %s",
    (script) => {
      expect(() => runShell(script)).not.toThrow();
    },
  );

  it.each([
    ["a loop", "TP=8\nwhile [ $TP -gt 2 ]; do TP=$((TP/2)); done", "loop in line 2"],
    ["a counted loop", "TP=8\nfor((i=0;i<2;i++)); do TP=$((TP/2)); done", "loop in line 2"],
    ["a loop over an output", "TP=8\nfor i in $(seq 2); do TP=$((TP/2)); done", "loop in line 2"],
    ["a function in a loop", "TP=8\nhalf() { TP=4; }\nuntil false; do half; done", "loop in line 3"],
    ["an if", "TP=8\nif [[ $(nvidia-smi -L | wc -l) -eq 4 ]]; then TP=4; fi", "condition in line 2"],
    ["a command as a condition", "TP=8\nif nvidia-smi | grep -q A100; then TP=4; fi", "condition in line 2"],
    ["a condition on a copy", "N=$(nproc)\nTP=8\n[ $N -gt 4 ] && TP=4", "condition in line 3"],
    ["a case", "TP=8\ncase $(hostname) in a*) TP=4;; esac", "condition in line 2"],
    ["a condition on what is open", "while a; do N=1; done\nTP=8\n[ $N = 1 ] || TP=2", "condition in line 3"],
    ["reading", "TP=8\nread -r TP < tp.txt", "read in line 2"],
  ])("leaves open what hangs on %s, unless the user gives it", (_, script, why) => {
    const last = (text: string, settings: Record<string, string> = {}): unknown =>
      runShell(`${text}\nrun $((TP*1))`, settings).commands.at(-1)?.[1]?.[0];
    expect(last(script)).toMatchObject({ missing: "TP", why: expect.stringContaining(why) });
    expect(last(script, { TP: "2" })).toEqual({ text: "2", line: expect.any(Number) });
    expect(words(`${script}\nrun \${TP:-16}`)).toEqual(["run", "$TP"]);
  });

  it.each([
    ["branches that agree", "if [ $(hostname) = a ]; then TP=4; X=1; else TP=4; X=2; fi\nrun $TP", ["run", "4"]],
    ["a branch that ends the script", "TP=8\nif [ -z $(which x) ]; then TP=1; exit 1; fi\nrun $TP", ["run", "8"]],
    ["a loop that never begins", "TP=8\nwhile [ $# -gt 0 ]; do TP=$2; shift; done\nrun $TP", ["run", "8"]],
    ["options that are not given", "TP=8\nwhile getopts t: o; do TP=$OPTARG; done\nrun $TP", ["run", "8"]],
    ["what is appended", "A=(--x 1)\n[ $(nproc) = 8 ] && A+=(--y)\nrun ${A[@]}", ["run", "--x", "1", "$A"]],
    ["appended text", 'A="--x 1"\nif grep -q y f; then A="$A --y"; fi\nrun $A', ["run", "--x", "1", "$A"]],
    ["files by any name", "if [ ! -d $(pwd)/data ]; then exit 1; fi\nrun a", ["run", "a"]],
  ])("keeps what is known in spite of %s", (_, script, expected) => {
    expect(words(script)).toEqual(expected);
  });

  it("ends a function that calls itself", () => {
    expect(() => runShell("f() { f; }\nf")).not.toThrow();
  });
});
