import { messageExchange } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import { runDifferences } from "../../src/compare/differences.ts";
import { ownCodex } from "../../src/programs/program.ts";
import { runProgram } from "../../src/programs/run-program.ts";

const scenario = { name: "plain", script: [messageExchange("Hello.")] };
const own = ownCodex({ from: "source" });
/** Three processes from source, on a machine that may be busy. */
const TIMEOUT_MS = 60_000;

describe("running programs", () => {
  test(
    "two runs of one program have no difference, another setting is found",
    async () => {
      const other = { ...own, execArgs: ["-c", 'model_reasoning_effort="low"'] };
      const [first, second, different] = await Promise.all([
        runProgram(own, scenario, { isTraced: true, compatibility: "0.171" }),
        runProgram(own, scenario, { isTraced: true, compatibility: "0.171" }),
        runProgram(other, scenario, { isTraced: false, compatibility: "0.171" }),
      ]);
      expect(first.comparable.exitCode).toBe(0);
      expect(first.comparable.eventKinds).toContain("item.completed(agent_message)");
      expect(runDifferences(first.comparable, second.comparable)).toEqual([]);
      expect(
        runDifferences(first.comparable, different.comparable).map(({ field }) => field),
      ).toEqual([
        "requests.0.headers.x-codex-inference-call-id",
        "requests.0.body.reasoning.effort",
        "requests.0.blob.reasoning_effort",
      ]);
    },
    TIMEOUT_MS,
  );
});
