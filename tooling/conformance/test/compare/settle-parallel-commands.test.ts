import type { JsonObject } from "@codex-ts/protocol";
import { expect, test } from "vitest";
import { settleParallelCommands } from "../../src/compare/settle-parallel-commands.ts";

function event(type: "started" | "completed", id: string, command: string): JsonObject {
  return { type: `item.${type}`, item: { id, type: "command_execution", command } };
}

test("commands that ran at the same time compare equal whoever was told first", () => {
  const turn = { type: "turn.started" };
  const one = [
    turn,
    event("started", "item_0", "b"),
    event("started", "item_1", "a"),
    event("completed", "item_1", "a"),
    event("completed", "item_0", "b"),
  ];
  const other = [
    turn,
    event("started", "item_0", "a"),
    event("completed", "item_0", "a"),
    event("started", "item_1", "b"),
    event("completed", "item_1", "b"),
  ];
  expect(settleParallelCommands(one)).toEqual(other);
  expect(settleParallelCommands(other)).toEqual(other);
});
