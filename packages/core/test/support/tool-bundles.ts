import { z } from "zod";
import { ToolError, defineTool } from "@codex-ts/core";
import type { Tool } from "@codex-ts/core";
import { functionCall, messageExchange, streamExchange } from "@codex-ts/responses-server";
import type { TraceSchemaVersion } from "@codex-ts/rollout-trace";
import { startScene } from "./harness.ts";

/** One bundle on disk. */
interface ToolBundle {
  readonly name: string;
  readonly path: string;
}

const noParameters = { type: "object", properties: {} };

const tools = (onSlow: () => void): readonly Tool[] => [
  defineTool({
    name: "echo",
    description: "Repeats.",
    parameters: z.object({ text: z.string() }),
    parallel: true,
    execute: ({ text }) => text,
  }),
  defineTool({
    name: "fail",
    description: "Fails.",
    parameters: noParameters,
    execute(): string {
      throw new ToolError("no luck");
    },
  }),
  defineTool({
    name: "throw",
    description: "Throws.",
    parameters: noParameters,
    execute(): string {
      throw new TypeError("a bug");
    },
  }),
  defineTool({
    name: "plot",
    description: "Draws.",
    parameters: noParameters,
    execute: () => [
      { type: "text", text: "A plot:" },
      { type: "image", data: new Uint8Array([1, 2, 3]), mimeType: "image/png" },
    ],
  }),
  defineTool({
    name: "slow",
    description: "Ignores every signal.",
    parameters: noParameters,
    execute: () => new Promise<string>(onSlow),
  }),
  // Names the trace knows as those of Codex's own tools.
  ...["spawn_agent", "send_message", "wait_agent", "apply_patch", "web_search", "exec"].map(
    (name) =>
      defineTool({ name, description: "Else.", parameters: noParameters, execute: () => name }),
  ),
];

/**
 * Runs threads whose tools answer, fail, throw, are called wrongly and are aborted, over both transports, and leaves
 * their bundles in `root` for a real reducer.
 */
export async function writeToolBundles(options: {
  readonly root: string;
  readonly schemaVersion: TraceSchemaVersion;
}): Promise<ToolBundle[]> {
  const bundles: ToolBundle[] = [];
  const forms = options.schemaVersion === 1 ? ["0.140" as const] : (["0.140", "0.171"] as const);
  for (const [supportsWebsockets, compatibility] of [false, true].flatMap((webSockets) =>
    forms.map((form) => [webSockets, form] as const),
  )) {
    const abort = new AbortController();
    await using scene = await startScene(
      [
        streamExchange([
          functionCall("echo", { text: "one" }, "call_1"),
          functionCall("echo", { text: "two" }, "call_2"),
          functionCall("fail", {}, "call_3"),
          functionCall("throw", {}, "call_4"),
          // A reducer of schema 1 refuses an image that comes back in a later request, whoever wrote the bundle.
          ...(options.schemaVersion === 1 ? [] : [functionCall("plot", {}, "call_5")]),
          functionCall("echo", { text: 1 }, "call_6"),
          functionCall("echo", '{"text":', "call_7"),
        ]),
        messageExchange("Some failed."),
        streamExchange(
          ["spawn_agent", "send_message", "wait_agent", "apply_patch", "web_search", "exec"].map(
            (name) => functionCall(name, {}, `call_${name}`),
          ),
        ),
        messageExchange("All answered."),
        streamExchange([functionCall("slow", {}, "call_8")]),
        messageExchange("Going on."),
      ],
      {
        tools: tools(() => abort.abort()),
        trace: options,
        compatibility,
        providerInfo: { supportsWebsockets },
      },
    );
    await scene.turn("answers, failures and wrong calls");
    await scene.turn("names of Codex");
    await scene.turn("an abort", { signal: abort.signal });
    await scene.turn("after it");
    await scene.thread.close();
    const { bundlePath } = scene.thread;
    if (bundlePath === undefined) throw new Error("nothing was recorded");
    const name = `own tools over ${supportsWebsockets ? "WebSocket" : "HTTP"}, as ${compatibility}`;
    bundles.push({ name, path: bundlePath });
  }
  return bundles;
}
