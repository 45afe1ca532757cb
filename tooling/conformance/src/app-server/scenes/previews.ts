import { messageExchange } from "@codex-ts/responses-server";
import { idOf } from "../client.ts";
import type { Client } from "../client.ts";
import { initialize, text } from "../scene.ts";
import type { Scene, SceneFacts } from "../scene.ts";

const IMAGE =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** How lists show threads whose first message has no words. */
export const previews: Scene = {
  name: "previews",
  config: "include_permissions_instructions = false",
  script: Array.from({ length: 12 }, () => messageExchange("Done.")),
  play,
};

async function play(client: Client, { cwd }: SceneFacts): Promise<void> {
  await initialize(client);
  const settings = { cwd, approvalPolicy: "never", sandbox: "danger-full-access" };
  for (const [label, ...inputs] of [
    ["blanks", text("  \n "), text("words")],
    ["empty", text(""), text("words")],
    ["image", [{ type: "image", url: IMAGE }]],
    ["padded", text("  padded words \n")],
    ["parts", [...text(" "), ...text("one"), ...text("two")]],
    ["lines", text("one\ntwo")],
  ] as const) {
    const started = await client.call(`start: ${label}`, "thread/start", settings);
    const threadId = idOf(started["thread"]);
    for (const [index, input] of inputs.entries()) {
      await client.turn(`turn: ${label} ${index}`, { threadId, input });
      await client.call(`list: ${label} ${index}`, "thread/list", { limit: 1 });
      await client.call(`read: ${label} ${index}`, "thread/read", { threadId });
    }
  }
}
