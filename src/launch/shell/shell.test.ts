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

  it("ends a function that calls itself", () => {
    expect(() => runShell("f() { f; }\nf")).not.toThrow();
  });
});
