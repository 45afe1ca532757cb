import { functionCall, messageExchange, streamExchange } from "@codex-ts/responses-server";
import type { JsonObject } from "@codex-ts/protocol";
import { describe, expect, test } from "vitest";
import type { TurnEvent } from "@codex-ts/core";
import { startScene } from "../../support/harness.ts";
import type { SceneOptions } from "../../support/harness.ts";

interface Run {
  readonly outputs: readonly unknown[];
  readonly events: readonly TurnEvent[];
  readonly offered: readonly unknown[];
}

/** Each call is a response of its own. */
async function run(
  calls: readonly (JsonObject | string)[],
  options: SceneOptions = {},
): Promise<Run> {
  await using scene = await startScene(
    [
      ...calls.map((args, index) =>
        streamExchange([functionCall("update_plan", args, `call_${index}`)]),
      ),
      messageExchange("Planned."),
    ],
    options,
  );
  const events = await scene.turn("go");
  const body = scene.server.requests.at(-1)?.body as {
    readonly input: readonly JsonObject[];
    readonly tools: readonly JsonObject[];
  };
  return {
    outputs: body.input.flatMap(({ output }) => (output === undefined ? [] : [output])),
    events,
    offered: body.tools.map(({ name }) => name),
  };
}

const todoEvents = (events: readonly TurnEvent[]): unknown[] =>
  events.flatMap((event) =>
    "item" in event && event.type !== "rawItem" && event.item.type === "todo_list"
      ? [[event.type, event.item.id, event.item.items]]
      : [],
  );

const REFUSED = "failed to parse function arguments: ";

describe("update_plan", () => {
  test("[core/update-plan] is one item that begins, changes and ends with its turn", async () => {
    const { outputs, events, offered } = await run([
      {
        explanation: "two steps",
        plan: [
          { step: "look", status: "in_progress" },
          { step: "act", status: "in_progress" },
        ],
      },
      { plan: [{ step: "look", status: "completed" }] },
      { plan: [], explanation: null },
    ]);
    expect(offered.slice(0, 4)).toEqual([
      "exec_command",
      "write_stdin",
      "update_plan",
      "request_user_input",
    ]);
    expect(outputs).toEqual(["Plan updated", "Plan updated", "Plan updated"]);
    const shown = todoEvents(events);
    const id = (shown[0] as readonly unknown[])[1];
    expect(shown).toEqual([
      [
        "itemStarted",
        id,
        [
          { text: "look", completed: false },
          { text: "act", completed: false },
        ],
      ],
      ["itemUpdated", id, [{ text: "look", completed: true }]],
      ["itemUpdated", id, []],
      ["itemCompleted", id, []],
    ]);
    expect(events.slice(-2).map(({ type }) => type)).toEqual(["itemCompleted", "turnCompleted"]);
  });

  test("[core/update-plan-errors] what is no plan changes nothing", async () => {
    const { outputs, events } = await run([
      { plan: "none" },
      {},
      { plan: [{ step: "look", status: "soon" }] },
      { plan: [{ step: "look" }] },
      { plan: [{ step: 7, status: "pending" }] },
      { plan: [{ step: "look", status: "pending", owner: "me" }] },
      { plan: ["look"] },
      { plan: [], note: "none" },
      { plan: [], explanation: 3 },
      "none",
    ]);
    expect(outputs.slice(0, -1)).toEqual([
      `${REFUSED}invalid type of \`plan\`, expected a list`,
      `${REFUSED}missing field \`plan\``,
      `${REFUSED}unknown variant \`soon\`, expected one of \`pending\`, \`in_progress\`, \`completed\``,
      `${REFUSED}missing field \`status\``,
      `${REFUSED}invalid type of \`step\`, expected a string`,
      `${REFUSED}unknown field \`owner\`, expected \`step\`, \`status\``,
      `${REFUSED}invalid type in \`plan\`, expected objects`,
      `${REFUSED}unknown field \`note\`, expected \`explanation\`, \`plan\``,
      `${REFUSED}invalid type of \`explanation\`, expected a string`,
    ]);
    expect(outputs.at(-1)).toMatch(REFUSED);
    expect(todoEvents(events)).toEqual([]);
  });

  test("[core/update-plan] a plan belongs to its turn, and ends with one that is stopped or fails", async () => {
    const plan = { plan: [{ step: "look", status: "pending" }] };
    await using scene = await startScene([
      streamExchange([functionCall("update_plan", plan, "call_1")]),
      { status: 400, body: { error: { message: "no" } } },
      streamExchange([functionCall("update_plan", plan, "call_2")]),
      messageExchange("Planned."),
    ]);
    const failed = await scene.turn("go");
    expect(failed.slice(-2).map(({ type }) => type)).toEqual(["itemCompleted", "turnFailed"]);
    const [started] = todoEvents(await scene.turn("go")) as [readonly unknown[]];
    const [before] = todoEvents(failed) as [readonly unknown[]];
    expect(started[0]).toBe("itemStarted");
    expect(started[1]).not.toBe(before[1]);
  });

  test("[core/update-plan] today's Codex has no such tool", async () => {
    const { outputs, events, offered } = await run([{ plan: [] }], { compatibility: "0.171" });
    expect(offered).not.toContain("update_plan");
    expect(outputs).toEqual(["unsupported call: update_plan"]);
    expect(todoEvents(events)).toEqual([]);
  });
});
