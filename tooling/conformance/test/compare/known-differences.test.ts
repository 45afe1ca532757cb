import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import type { Difference } from "../../src/compare/differences.ts";
import { KnownDifferences, readKnownDifferences } from "../../src/compare/known-differences.ts";
import type { KnownDifference } from "../../src/compare/known-differences.ts";

function known(field: string, scenario = "*"): KnownDifferences {
  return new KnownDifferences([{ scenario, field, reason: "r", decision: "tool-not-built" }]);
}

function difference(field: string, actual = "absent"): Difference {
  return { field, expected: "1", actual };
}

/** Reads a list of one entry. */
async function readList(entry: {
  readonly field: string;
  readonly decision: string;
  readonly reason: string;
}): Promise<KnownDifference[]> {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "list.json");
  await writeFile(file, JSON.stringify([{ scenario: "*", ...entry }]));
  return readKnownDifferences(pathToFileURL(file));
}

describe("known differences", () => {
  test("[conformance/known-differences] cover the fields they name and nothing else", () => {
    const list = known("requests.*.tools.update_plan");
    const covered = difference("requests.3.tools.update_plan");
    const others = [
      difference("requests.3.tools.update_plan.parameters"),
      difference("requests.3.tools.other"),
      difference("requests.3.tools.update_plan", '{"type":"function"}'),
    ];
    expect(list.unknown("any", [covered, ...others])).toEqual(others);
  });

  test("[conformance/known-differences] count for the scenario they name", () => {
    const list = known("requests.*.tools.x", "one");
    expect(list.unknown("two", [difference("requests.0.tools.x")])).toHaveLength(1);
    expect(list.unknown("one", [difference("requests.0.tools.x")])).toEqual([]);
  });

  test("[conformance/known-differences] about a fact that both say are none", () => {
    const field = "events.*.error.status";
    const list = new KnownDifferences([
      { scenario: "*", field, reason: "r", decision: "facts-of-a-failure" },
    ]);
    const added = { field: "events.3.error.status", expected: "absent", actual: "400" };
    const other = { ...added, expected: "401" };
    expect(list.unknown("any", [added, other])).toEqual([other]);
  });

  test("[conformance/known-differences] that never occur are told", () => {
    const list = known("requests.*.tools.x");
    expect(list.unused).toHaveLength(1);
    list.unknown("any", [difference("requests.0.tools.x")]);
    expect(list.unused).toEqual([]);
  });

  test.each([
    ["a field that may not differ", "requests.*.body.model", "originator", "r"],
    ["a decision nobody took", "requests.*.headers.originator", "whatever", "r"],
    ["no reason", "requests.*.headers.originator", "originator", ""],
    ["the message of a failure", "events.*.error.message", "facts-of-a-failure", "r"],
    ["all tools at once", "requests.*.tools.*", "tool-not-built", "r"],
    ["a header of the HTTP library", "requests.*.headers.connection", "http-library", "r"],
    ["other connections", "handshakeCount", "socket-dropped-on-abort", "r"],
    ["facts of a trace", "trace.codex_turns.*.execution.status", "failed-turns-as-0.169", "r"],
    ["traces under a decision about requests", "trace.tools.x", "tool-not-built", "r"],
  ])(
    "[conformance/known-differences] with %s are refused",
    async (_name, field, decision, reason) => {
      await expect(readList({ field, decision, reason })).rejects.toThrow(field);
    },
  );

  test.each([
    ["originator", "requests.*.headers.originator"],
    ["user-agent", "handshakes.*.headers.user-agent"],
    ["thread-source", "requests.*.blob.thread_source"],
    ["stripped-credentials", "requests.*.blob.workspaces.*.associated_remote_urls.*"],
    ["tool-not-built", "requests.*.tools.apply_patch"],
    ["facts-of-a-failure", "events.*.error.status"],
  ])("[conformance/known-differences] may be about %s", async (decision, field) => {
    await expect(readList({ field, decision, reason: "r" })).resolves.toHaveLength(1);
  });
});
