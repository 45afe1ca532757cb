import { messageExchange } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import { startScene } from "./support/client.ts";
import type { Scene } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

const IMAGE =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** What a list and a reading say of the only thread, from its notifications or, later, from its file. */
async function previews(scene: Scene, threadId: string): Promise<readonly unknown[]> {
  const list = await scene.request("thread/list", {});
  const read = await scene.request("thread/read", { threadId });
  const listed = (list.result.data as { preview: string }[]).map(({ preview }) => preview);
  return [listed, read.result.thread.preview];
}

describe.each(GENERATIONS)("the preview of a thread of %s", (compatibility) => {
  const script = [messageExchange("One."), messageExchange("Two.")];

  test("[app-server/H24] is the first message with words", async () => {
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    await scene.turn(threadId, "  \n ");
    expect(await previews(scene, threadId)).toEqual([[], ""]);
    await scene.turn(threadId, "  the words \n");
    expect(await previews(scene, threadId)).toEqual([["the words"], "the words"]);
    await scene.leave();
    const later = await scene.reconnect();
    expect(await previews(later, threadId)).toEqual([["the words"], "the words"]);
    await later.leave();
  });

  test("[app-server/H24] names images where there are no words", async () => {
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    await scene.turn(threadId, "", { input: [{ type: "image", url: IMAGE }] });
    expect(await previews(scene, threadId)).toEqual([["[Image]"], "[Image]"]);
    await scene.leave();
    const later = await scene.reconnect();
    expect(await previews(later, threadId)).toEqual([["[Image]"], "[Image]"]);
    await later.leave();
  });
});
