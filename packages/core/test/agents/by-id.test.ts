import { describe, expect, test } from "vitest";
import { created, gate, itemDone, messageItem } from "@codex-ts/responses-server";
import type { ReceivedRequest, Reply } from "@codex-ts/responses-server";
import type { JsonObject } from "@codex-ts/protocol";
import { agentCallById, outputsOf, replyWith, say, toolNamesOf } from "../support/agents.ts";
import { collect, ofType, testModel } from "../support/harness.ts";
import { reduceStrictly } from "../support/bundle.ts";
import { fileOf, linesOf, startSessionScene } from "../support/session-scene.ts";

type Call = readonly [name: string, args: JsonObject];

/** A model whose root makes the calls it is given, one after the other, with the ids of its agents. */
function model(
  calls: readonly ((ids: readonly string[]) => Call)[],
  ofAgents: readonly Reply[],
): (request: ReceivedRequest) => Reply {
  const replies = [...ofAgents];
  let next = 0;
  return (request) => {
    if (request.header("x-openai-subagent") !== undefined) return replies.shift() ?? say("More.");
    const ids = [...request.bodyText.matchAll(/agent_id\\+":\\+"([0-9a-f-]{36})/g)];
    const call = calls[next];
    if (call === undefined) return say("Done.");
    next += 1;
    const [name, args] = call(ids.map(([, id]) => id ?? ""));
    return replyWith(agentCallById(name, args, `c${next}`));
  };
}

const hanging: Reply = { events: [created(), itemDone(messageItem("Thinking.")), gate("never")] };

describe("agents that are called by id", () => {
  test("[core/AG15] are started, waited for, told more, closed and opened again", async () => {
    const respond = model(
      [
        () => ["spawn_agent", { message: "Look." }],
        ([id = ""]) => ["wait_agent", { targets: [id] }],
        ([id = ""]) => ["send_input", { target: id, message: "More." }],
        ([id = ""]) => ["wait_agent", { targets: [id] }],
        ([id = ""]) => ["close_agent", { target: id }],
        ([id = ""]) => ["send_input", { target: id, message: "Still there?" }],
        ([id = ""]) => ["resume_agent", { id }],
        ([id = ""]) => ["send_input", { target: id, items: [{ type: "text", text: "Again." }] }],
        ([id = ""]) => ["wait_agent", { targets: [id] }],
      ],
      [say("One."), say("Two."), say("Three.")],
    );
    await using scene = await startSessionScene([{ repeat: Infinity, respond }], {
      subagents: { version: "v1" },
    });
    const thread = await scene.create({ trace: { root: `${scene.codexHome}/traces` } });
    const events = await collect(thread.runTurn("delegate"));
    const ofRoot = scene.server.requests.filter(
      (request) => request.header("x-openai-subagent") === undefined,
    );
    const last = ofRoot.at(-1);
    const outputs = outputsOf(last);
    const { agent_id: id, nickname } = JSON.parse(outputs["c1"] ?? "") as Record<string, string>;
    expect(nickname).toMatch(/^[A-Z][a-z]+$/);
    expect(outputs).toMatchObject({
      c2: `{"status":{"${id}":{"completed":"One."}},"timed_out":false}`,
      c4: `{"status":{"${id}":{"completed":"Two."}},"timed_out":false}`,
      c5: '{"previous_status":{"completed":"Two."}}',
      c6: `agent with id ${id} not found`,
      c7: '{"status":"pending_init"}',
      c9: `{"status":{"${id}":{"completed":"Three."}},"timed_out":false}`,
    });
    // Its parent is told once after a start, and once after it was opened again.
    const notifications = last?.bodyText.match(/<subagent_notification>/g);
    expect(notifications).toHaveLength(2);
    const ofAgent = scene.server.requests.filter(
      (request) => request.header("x-openai-subagent") === "collab_spawn",
    );
    expect(ofAgent.map((request) => request.header("thread-id"))).toEqual([id, id, id]);
    expect(ofAgent[2]?.bodyText).toContain("Two.");
    const items = ofType(events, "itemCompleted").map(({ item }) => item);
    const calls = items.filter((item) => item.type === "collab_tool_call");
    expect(calls.map(({ tool, status }) => `${tool} ${status}`)).toEqual([
      "spawn_agent completed",
      "wait completed",
      "send_input completed",
      "wait completed",
      "close_agent completed",
      "send_input failed",
      "send_input completed",
      "wait completed",
    ]);
    expect(calls[1]).toMatchObject({
      agents_states: { [id ?? ""]: { status: "completed", message: "One." } },
    });
    const lines = linesOf(fileOf(thread)).map((line) => JSON.stringify(line));
    expect(lines.filter((line) => line.includes('"CollabAgentToolCall"'))).toHaveLength(8);
    await reduceStrictly(thread);
  });

  test("[core/AG16] are refused beyond the limit until one is closed, and wrong calls are answered", async () => {
    const unknown = "01a1fa42-7a65-7c41-813d-ef81ad40874d";
    const respond = model(
      [
        () => ["spawn_agent", { message: "Hang." }],
        () => ["spawn_agent", { message: "One more." }],
        ([id = ""]) => ["send_input", { target: id, message: "Now this.", interrupt: true }],
        ([id = ""]) => ["wait_agent", { targets: [id], timeout_ms: 10 }],
        ([id = ""]) => ["close_agent", { target: id }],
        () => ["spawn_agent", { message: "Now." }],
        () => ["wait_agent", { targets: [unknown] }],
        () => ["wait_agent", { targets: [] }],
        () => ["wait_agent", { targets: ["nope"] }],
        () => ["close_agent", { target: unknown }],
        () => ["spawn_agent", {}],
        () => ["spawn_agent", { message: "a", items: [{ type: "text", text: "b" }] }],
        () => ["spawn_agent", { items: [{ type: "audio", audio_url: "x" }] }],
        () => ["spawn_agent", { message: "x", agent_type: "nope" }],
        () => ["wait_agent", {}],
        () => ["wait_agent", { targets: [unknown], timeout_ms: 0 }],
        () => ["wait_agent", { targets: [unknown], timeout_ms: -1 }],
      ],
      [hanging, say("Redirected."), say("Third.")],
    );
    await using scene = await startSessionScene([{ repeat: Infinity, respond }], {
      subagents: { version: "v1", maxAgents: 1 },
      model: testModel(),
    });
    const thread = await scene.create({ trace: { root: `${scene.codexHome}/traces` } });
    await collect(thread.runTurn("delegate"));
    const last = scene.server.requests.findLast(
      (request) => request.header("x-openai-subagent") === undefined,
    );
    const outputs = outputsOf(last);
    expect(outputs["c2"]).toBe("collab spawn failed: agent thread limit reached");
    expect(outputs["c4"]).toContain('{"completed":"Redirected."}');
    expect(outputs["c6"]).toContain("agent_id");
    expect(outputs["c15"]).toBe("agent ids must be non-empty");
    for (const id of ["c16", "c17"])
      expect(outputs[id]).toBe("timeout_ms must be greater than zero");
    expect(outputs["c7"]).toBe(`{"status":{"${unknown}":"not_found"},"timed_out":false}`);
    expect(outputs["c8"]).toBe("agent ids must be non-empty");
    expect(outputs["c9"]).toContain("invalid agent id nope");
    expect(outputs["c10"]).toBe(`agent with id ${unknown} not found`);
    expect(outputs["c11"]).toBe("Provide one of: message or items");
    expect(outputs["c12"]).toBe("Provide either message or items, but not both");
    expect(outputs["c13"]).toContain("type `audio`");
    expect(outputs["c14"]).toBe("unknown agent_type 'nope'");
    await reduceStrictly(thread);
  });

  test("[core/AG17] are what a model gets whose catalog entry asks for them", async () => {
    const toolsOf = async (version: "v1" | "v2" | "disabled"): Promise<string> => {
      await using scene = await startSessionScene([say("Done.")], {
        subagents: {},
        model: testModel({ multi_agent_version: version }),
      });
      const thread = await scene.create();
      await scene.once(thread, "x");
      return toolNamesOf(scene.server.requests[0]).join(" ");
    };
    expect(await toolsOf("v1")).toContain("multi_agent_v1");
    expect(await toolsOf("v2")).toContain("collaboration");
    expect(await toolsOf("disabled")).not.toMatch(/collaboration|multi_agent_v1/);
  });

  test("[core/AG22] are not listed for a model that can search for them, whose calls work all the same", async () => {
    const respond = model(
      [
        () => ["spawn_agent", { message: "Look." }],
        ([id = ""]) => ["wait_agent", { targets: [id] }],
      ],
      [say("Found.")],
    );
    await using scene = await startSessionScene([{ repeat: Infinity, respond }], {
      subagents: { version: "v1" },
      model: testModel({ supports_search_tool: true }),
    });
    const thread = await scene.create();
    await scene.once(thread, "delegate");
    const { requests } = scene.server;
    for (const request of requests)
      expect(toolNamesOf(request).join(" ")).not.toContain("multi_agent_v1");
    expect(outputsOf(requests.at(-1))["c2"]).toContain('{"completed":"Found."}');
  });

  test("[core/AG22] are for scripts as well, described to those of a model that cannot search for them", async () => {
    const requestOf = async (
      version: "v1" | "v2",
      canSearch: boolean,
    ): Promise<{ readonly names: string; readonly isDescribed: boolean }> => {
      const call = { type: "custom_tool_call", id: "ctc_1", call_id: "c1", name: "exec" } as const;
      const input = "text(Object.keys(tools).filter((name) => /agent/.test(name)).join())";
      await using scene = await startSessionScene(
        [replyWith(itemDone({ ...call, input })), say("Done.")],
        {
          subagents: { version },
          model: testModel({ supports_search_tool: canSearch, tool_mode: "code_mode_only" }),
        },
      );
      const thread = await scene.create();
      await scene.once(thread, "x");
      const [first, second] = scene.server.requests;
      expect(second?.bodyText.includes("multi_agent_v1__spawn_agent")).toBe(version === "v1");
      return {
        names: toolNamesOf(first).join(" "),
        isDescribed: first?.bodyText.includes("multi_agent_v1__spawn_agent") === true,
      };
    };
    const names = "exec wait request_user_input";
    expect(await requestOf("v1", false)).toEqual({ names, isDescribed: true });
    expect(await requestOf("v1", true)).toEqual({ names, isDescribed: false });
    const { names: newer } = await requestOf("v2", true);
    expect(newer).toContain(`${names} collaboration`);
  });
});
