import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { functionCall } from "@codex-ts/responses-server";
import type { JsonObject } from "@codex-ts/protocol";
import { agentCall, mailOf, replyWith, rootAndOthers, say } from "../support/agents.ts";
import { collect } from "../support/harness.ts";
import { fileOf, kindsOf, linesOf, startSessionScene } from "../support/session-scene.ts";

describe.each(["0.140", "0.171"] as const)("session files of agents as in %s", (compatibility) => {
  const call = (name: string, args: JsonObject, id: string) =>
    compatibility === "0.140" ? functionCall(name, args, id) : agentCall(name, args, id);
  const script = rootAndOthers(
    [
      replyWith(
        call("spawn_agent", { task_name: "a", message: "Begin.", fork_turns: "all" }, "c1"),
      ),
      replyWith(call("wait_agent", {}, "c2")),
      say("Done."),
      say("On."),
    ],
    [say("Found it."), say("Still here.")],
  );

  test("[core/AG18] an agent's says whose it is and holds what it has read; its parent's what came back", async () => {
    await using scene = await startSessionScene(script, { compatibility, subagents: {} });
    const thread = await scene.create();
    await collect(thread.runTurn("delegate"));
    await thread.close();
    const root = linesOf(fileOf(thread));
    const folder = fileOf(thread).replace(/\/[^/]*$/, "");
    const other = readdirSync(folder).find((name) => !fileOf(thread).endsWith(name)) ?? "";
    const child = linesOf(`${folder}/${other}`);
    expect(child[0]).toMatchObject({
      type: "session_meta",
      payload: {
        parent_thread_id: thread.threadId,
        forked_from_id: thread.threadId,
        agent_path: "/root/a",
        thread_source: "subagent",
        multi_agent_version: "v2",
        source: { subagent: { thread_spawn: { depth: 1, agent_path: "/root/a" } } },
      },
    });
    const mail =
      compatibility === "0.140"
        ? "inter_agent_communication"
        : "inter_agent_communication_metadata";
    expect(kindsOf(root)).toContain(mail);
    expect(kindsOf(child)).toContain(mail);
    expect(JSON.stringify(child)).toContain("delegate");
    const activity = root.filter((line) => JSON.stringify(line).includes('"started"'));
    expect(activity).toHaveLength(1);
  });

  test("[core/AG19] either goes on with what it has read", async () => {
    await using scene = await startSessionScene(script, { compatibility, subagents: {} });
    const thread = await scene.create();
    await scene.once(thread, "delegate");
    const isOfAgent = (isSo: boolean) =>
      scene.server.requests.filter(
        (request) => (request.header("x-openai-subagent") !== undefined) === isSo,
      );
    const childId = isOfAgent(true)[0]?.header("thread-id") ?? "";
    await scene.once(await scene.resume(thread.threadId), "on");
    expect(mailOf(isOfAgent(false).at(-1)).join()).toContain("Found it.");
    const child = await scene.resume(childId, {
      sessionSource: {
        subagent: {
          thread_spawn: {
            parent_thread_id: thread.threadId,
            depth: 1,
            agent_path: "/root/a",
            agent_nickname: null,
            agent_role: null,
          },
        },
      },
    });
    await scene.once(child, "on");
    const last = isOfAgent(true).at(-1);
    expect(mailOf(last).join()).toContain("Begin.");
    expect(last?.bodyText).toContain("Found it.");
    expect(last?.bodyText).toContain("delegate");
  });
});
