import { readFileSync } from "node:fs";
import { ExecPolicy } from "@codex-ts/core";
import { describe, expect, test } from "vitest";
import { strictest } from "../../src/exec-policy/prefix-rule.ts";
import { parseRules } from "../../src/exec-policy/rules/parse-rules.ts";

/** What `codex execpolicy check` of 0.171 says about a rules file and a command. */
interface RecordedCheck {
  readonly rules: string;
  readonly command: readonly string[];
  readonly decision?: string | null;
  readonly matchedPrefixes?: readonly (readonly string[])[];
  readonly isError?: true;
}

const recorded = JSON.parse(
  readFileSync(new URL("recorded-rules.json", import.meta.url), "utf8"),
) as readonly RecordedCheck[];

/** Parts of Starlark that no rule needs: they are refused here. */
const NOT_UNDERSTOOD: ReadonlySet<string> = new Set(["True = 1", 'prefix_rule(pattern=["a"*2])']);

function check({ rules, command }: RecordedCheck): Omit<RecordedCheck, "rules" | "command"> {
  const policy = new ExecPolicy();
  try {
    policy.add(parseRules(rules, "a.rules"));
  } catch {
    return { isError: true };
  }
  const matches = policy.matches(command);
  return {
    decision: strictest(matches.map((match) => match.decision)) ?? null,
    matchedPrefixes: matches.map((match) => match.matchedPrefix),
  };
}

describe("rules files", () => {
  test.each(recorded.filter(({ rules }) => !NOT_UNDERSTOOD.has(rules)))(
    "[core/rules-verdict] judges like the reference client: $rules $command",
    (recordedCheck) => {
      const { rules: _rules, command: _command, ...verdict } = recordedCheck;
      expect(check(recordedCheck)).toEqual(verdict);
    },
  );

  test.fails.each(recorded.filter(({ rules }) => NOT_UNDERSTOOD.has(rules)))(
    "[core/rules-starlark] $rules",
    (recordedCheck) => {
      const { rules: _rules, command: _command, ...verdict } = recordedCheck;
      expect(check(recordedCheck)).toEqual(verdict);
    },
  );

  test.each([
    ['prefix_rule(pattern=["a"])\nprefix_rule(pattern=[])', "a.rules:2:1: `pattern` must be"],
    [
      'prefix_rule(\n  pattern=["a"],\n  decision="maybe")',
      "a.rules:1:1: `decision` must be one of",
    ],
    ['prefix_rule(pattern=["a"]\n', "a.rules:2:1: the file ends"],
    ['prefix_rule(pattern=["a)', "a.rules:1:22: a string has no end"],
    ["for x in y:", "a.rules:1:1: `for` is not understood here"],
    ['load("x", "y")', "a.rules:1:1: `load` is not understood here"],
    ['\n\nallow("ls")', "a.rules:3:1: `allow` is not understood here"],
    ['prefix_rule(pattern=["ls"], match=["cat"])', 'the rule does not match ["cat"]'],
  ])("[core/rules-errors] names file, line and mistake: %j", (text, message) => {
    expect(() => parseRules(text, "a.rules")).toThrow(message);
  });

  test("[core/rules-hostile] nesting, doubling lists and strings, and cut files end in errors at once", () => {
    const doubling = (start: string): string => {
      const lines = Array.from({ length: 60 }, () => "x = x + x");
      return [`x = ${start}`, ...lines].join("\n");
    };
    for (const text of [
      "[".repeat(100_000),
      `prefix_rule(pattern=${"[".repeat(100_000)}`,
      doubling('["a"]'),
      doubling('"a"'),
      "__proto__()",
      "constructor()",
      "prefix_rule(__proto__=1)",
      "\0",
    ]) {
      expect(() => parseRules(text, "a.rules")).toThrow(/^a\.rules:\d+:\d+: /);
    }
    const whole =
      'x = ["a", \'b\']\nprefix_rule(pattern=x + ["c"], match=["a b c"], decision="prompt") # why\n';
    const outcomes = Array.from({ length: whole.length }, (_, end) => {
      try {
        parseRules(whole.slice(0, end), "a.rules");
        return "fine";
      } catch (error) {
        return String(error);
      }
    });
    const unclear = outcomes.filter(
      (outcome) => !/^fine$|RulesError: a\.rules:\d+:\d+: /.test(outcome),
    );
    expect(unclear).toEqual([]);
  });
});
