import { expect, test } from "vitest";
import { startScene } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

const granular = { sandbox_approval: true, rules: true, mcp_elicitations: true };

test.each(GENERATIONS)(
  "[app-server/P12] a client without the capability is refused what is experimental in %s",
  async (compatibility) => {
    await using scene = await startScene({ compatibility, isRaw: true });
    const clientInfo = { name: "test", title: null, version: "1.0.0" };
    await scene.request("initialize", { clientInfo });
    const threadId = await scene.startThread({ dynamicTools: null, experimentalRawEvents: false });
    const input = [{ type: "text", text: "hi" }];
    const isOld = compatibility === "0.140";
    for (const [method, params, what] of [
      ["thread/start", { dynamicTools: [] }, "thread/start.dynamicTools"],
      ["thread/start", { approvalPolicy: { granular } }, "askForApproval.granular"],
      ["thread/resume", { threadId, path: "x" }, "thread/resume.path"],
      ["thread/fork", { threadId, path: "x" }, "thread/fork.path"],
      [
        "turn/start",
        { threadId, input, responsesapiClientMetadata: {} },
        "turn/start.responsesapiClientMetadata",
      ],
      ...(isOld ? ([["thread/turns/list", { threadId }, "thread/turns/list"]] as const) : []),
      ...(isOld
        ? ([["thread/fork", { threadId, excludeTurns: true }, "thread/fork.excludeTurns"]] as const)
        : []),
    ] as const) {
      const { error } = await scene.request(method, params);
      expect(error?.message).toBe(`${what} requires experimentalApi capability`);
    }
    const { error } = await scene.request("thread/fork", {
      threadId,
      path: "",
      excludeTurns: false,
    });
    expect(error?.message ?? "").not.toContain("experimentalApi");
  },
);
