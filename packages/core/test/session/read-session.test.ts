import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { readSession, readSessionNames, setSessionName } from "@codex-ts/core";
import { messageExchange } from "@codex-ts/responses-server";
import { expect, test } from "vitest";
import { startScene } from "../support/harness.ts";

test("[core/read-session] a session file is read line by line, and one that is missing is an error", async () => {
  await using scene = await startScene([messageExchange("Hi.")]);
  const codexHome = scene.folder;
  const id = scene.thread.threadId;
  await expect(readSession(id, { codexHome })).rejects.toMatchObject({ code: "session_not_found" });
  await using kept = await startScene([messageExchange("Hi.")], { codexHome });
  await kept.turn("hello");
  appendFileSync(kept.thread.sessionPath ?? "", "no line\n");
  const { threadId, meta, lines } = await readSession(kept.thread.threadId, { codexHome });
  expect(threadId).toBe(kept.thread.threadId);
  expect(meta["id"]).toBe(threadId);
  expect(lines.map(({ type }) => type)).toContain("turn_context");
  expect(lines.at(-1)?.payload["type"]).toBe("task_complete");
});

test("[core/session-names] names are kept in Codex's index; the last one counts, broken lines do not", async () => {
  await using scene = await startScene([]);
  const codexHome = scene.folder;
  expect(await readSessionNames({ codexHome })).toEqual(new Map());
  await setSessionName("A", "first", { codexHome });
  await setSessionName("b", "other", { codexHome });
  appendFileSync(join(codexHome, "session_index.jsonl"), 'broken\n{"id":1}\n');
  await setSessionName("a", "second", { codexHome });
  expect(await readSessionNames({ codexHome })).toEqual(
    new Map([
      ["a", "second"],
      ["b", "other"],
    ]),
  );
});
