import { existsSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { archiveSession, listSessions, unarchiveSession } from "@codex-ts/core";
import { messageExchange } from "@codex-ts/responses-server";
import { fileOf, startSessionScene } from "../support/session-scene.ts";

const answers = ["One.", "Two.", "Three."].map((text) => messageExchange(text));

describe("[core/F11] the sessions of a home", () => {
  test("are listed, those used last first, by directory, without subagents", async () => {
    await using scene = await startSessionScene(answers);
    const { codexHome } = scene;
    expect(await listSessions({ codexHome })).toEqual([]);
    const old = await scene.create({ compatibility: "0.140" });
    await scene.once(old, "what was said first");
    const recent = await scene.create({ cwd: "/" });
    await scene.once(recent, "x".repeat(1000));
    const agent = await scene.create({
      sessionSource: {
        subagent: {
          thread_spawn: {
            parent_thread_id: old.threadId,
            depth: 1,
            agent_path: "/root/a",
            agent_nickname: null,
            agent_role: null,
          },
        },
      },
    });
    await scene.once(agent, "work");
    utimesSync(fileOf(recent), 2000, 2000);
    utimesSync(fileOf(old), 3000, 3000);
    const sessions = await listSessions({ codexHome });
    expect(sessions.map(({ threadId }) => threadId)).toEqual([old.threadId, recent.threadId]);
    expect(sessions[0]).toMatchObject({
      path: old.sessionPath,
      cwd: scene.options.cwd,
      isArchived: false,
      updatedAtMs: 3_000_000,
      modelProvider: "mock",
      forkedFromThreadId: undefined,
      firstMessage: "what was said first",
    });
    expect(sessions[1]?.firstMessage).toHaveLength(200);
    expect(await listSessions({ codexHome, cwd: "/" })).toEqual([sessions[1]]);
    expect(await listSessions({ codexHome, limit: 1 })).toEqual([sessions[0]]);
  });

  test("go into the archive and come back", async () => {
    await using scene = await startSessionScene(answers);
    const { codexHome } = scene;
    const thread = await scene.create();
    await scene.once(thread, "go");
    const path = fileOf(thread);
    const archived = await archiveSession(thread.threadId, { codexHome });
    expect(archived).toBe(
      join(codexHome, "archived_sessions", path.slice(path.lastIndexOf("/") + 1)),
    );
    expect(existsSync(path)).toBe(false);
    expect(await listSessions({ codexHome })).toEqual([]);
    expect(await listSessions({ codexHome, archived: true })).toHaveLength(1);
    await expect(scene.resume(thread.threadId)).rejects.toMatchObject({ code: "session_archived" });
    await expect(archiveSession(thread.threadId, { codexHome })).rejects.toMatchObject({
      code: "session_archived",
    });
    expect(await unarchiveSession(thread.threadId, { codexHome })).toBe(path);
    await expect(unarchiveSession(thread.threadId, { codexHome })).rejects.toMatchObject({
      code: "session_not_found",
    });
    const again = await scene.resume(thread.threadId);
    await expect(archiveSession(thread.threadId, { codexHome })).rejects.toMatchObject({
      code: "session_in_use",
    });
    await scene.once(again, "more");
  });
});
