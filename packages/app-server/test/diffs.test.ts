import { fallbackModelInfo } from "@codex-ts/model-provider";
import { customToolCall, messageExchange, streamExchange } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import { shape, startScene } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

const PATCH = "*** Begin Patch\n*** Add File: new.txt\n+first\n*** End Patch";

describe.each(GENERATIONS)("as %s", (compatibility) => {
  test("[app-server/W1] the client sees what a turn has changed as one diff", async () => {
    const call = customToolCall("apply_patch", PATCH, "call_1");
    const script = [streamExchange([call]), messageExchange("Done.")];
    const model = {
      ...fallbackModelInfo("test-model"),
      apply_patch_tool_type: "freeform" as const,
    };
    await using scene = await startScene({ compatibility, script, model });
    const threadId = await scene.startThread();
    const messages = await scene.turn(threadId, "go");
    const diffs = messages.filter(({ method }) => method === "turn/diff/updated");
    // After the patch, and at the end of the turn, in 0.140 also after each request.
    expect(diffs).toHaveLength(compatibility === "0.171" ? 2 : 3);
    for (const { params } of diffs) {
      expect(params).toEqual({
        threadId,
        turnId: messages.find(({ method }) => method === "turn/started")?.params.turn.id as unknown,
        diff: "diff --git a/new.txt b/new.txt\nnew file mode 100644\nindex 0000000000000000000000000000000000000000..9c59e24b8393179a5d712de4f990178df5734d99\n--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+first\n",
      });
    }
    const kinds = shape(messages);
    expect(kinds[kinds.indexOf("turn/diff/updated") - 1]).toBe("item/completed fileChange");
  });
});
