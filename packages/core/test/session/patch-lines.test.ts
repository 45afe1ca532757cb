import { describe, expect, test } from "vitest";
import { customToolCall, messageExchange, streamExchange } from "@codex-ts/responses-server";
import type { Script } from "@codex-ts/responses-server";
import { testModel } from "../support/harness.ts";
import { fileOf, linesOf, startSessionScene } from "../support/session-scene.ts";
import type { JsonObject } from "@codex-ts/protocol";

const patch = (...lines: readonly string[]): string =>
  ["*** Begin Patch", ...lines, "*** End Patch"].join("\n");

const ADD_AND_MISS: Script = [
  streamExchange([customToolCall("apply_patch", patch("*** Add File: new", "+text"), "call_1")]),
  streamExchange([
    customToolCall("apply_patch", patch("*** Update File: new", "@@", "-none", "+x"), "call_2"),
  ]),
  messageExchange("Done."),
];

/** Events of a session file that tell of a patch, in the order of their lines. */
async function patchLines(compatibility: "0.140" | "0.171"): Promise<readonly JsonObject[]> {
  await using scene = await startSessionScene(ADD_AND_MISS, {
    compatibility,
    model: testModel({ apply_patch_tool_type: "freeform" }),
  });
  const thread = await scene.create();
  await scene.once(thread, "go");
  const text = JSON.stringify(
    linesOf(fileOf(thread))
      .filter(({ type }) => type === "event_msg")
      .map(({ payload }) => payload)
      .filter((payload) => /patch_apply|FileChange/.test(JSON.stringify(payload))),
  );
  return JSON.parse(text.replaceAll(scene.options.cwd, "DIR")) as readonly JsonObject[];
}

const SUCCESS = "Success. Updated the following files:\nA new\n";
const CHANGES = { "DIR/new": { type: "add", content: "text\n" } };

// As real 0.140 and 0.171 write them: a patch that does not fit leaves no line.
describe("[core/F1] a patch in a session file", () => {
  test("is an item of 0.171", async () => {
    expect(await patchLines("0.171")).toEqual([
      {
        type: "item_completed",
        thread_id: expect.any(String) as string,
        turn_id: expect.any(String) as string,
        item: {
          type: "FileChange",
          id: "call_1",
          changes: CHANGES,
          status: "completed",
          stdout: SUCCESS,
          stderr: "",
        },
        started_at_ms: expect.any(Number) as number,
        completed_at_ms: expect.any(Number) as number,
      },
    ]);
  });

  test("is an event of 0.140", async () => {
    expect(await patchLines("0.140")).toEqual([
      {
        type: "patch_apply_end",
        call_id: "call_1",
        turn_id: expect.any(String) as string,
        stdout: SUCCESS,
        stderr: "",
        success: true,
        changes: CHANGES,
        status: "completed",
      },
    ]);
  });
});
