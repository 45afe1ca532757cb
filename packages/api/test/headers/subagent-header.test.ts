import { expect, test } from "vitest";
import { subagentHeaderValue } from "@codex-ts/api";
import type { SessionSource } from "@codex-ts/protocol";

const spawned: SessionSource = {
  subagent: {
    thread_spawn: {
      parent_thread_id: "t",
      depth: 1,
      agent_path: null,
      agent_nickname: null,
      agent_role: null,
    },
  },
};

test.each<[SessionSource, string | undefined]>([
  ["cli", undefined],
  ["vscode", undefined],
  ["exec", undefined],
  ["mcp", undefined],
  ["unknown", undefined],
  [{ custom: "mine" }, undefined],
  [{ subagent: "review" }, "review"],
  [{ subagent: "compact" }, "compact"],
  [{ subagent: "memory_consolidation" }, "memory_consolidation"],
  [spawned, "collab_spawn"],
  [{ subagent: { other: "my label" } }, "my label"],
  [{ internal: "memory_consolidation" }, "memory_consolidation"],
])("[api/A8] the sub-agent header of %j is %s", (source, value) => {
  expect(subagentHeaderValue(source)).toBe(value);
});
