import { defineTool } from "@codex-ts/core";
import type { CodexThread, KeptThreadOptions, TurnEvent } from "@codex-ts/core";
import { INSTALLATION_ID, testModel, testProvider } from "./harness.ts";
import { COMPACT_PROMPT, CONTEXT_WINDOW, promptOf, work } from "./long-work.ts";
import { TINY_PNG } from "./mcp/mcp-answers.ts";

/**
 * A kept and recorded thread for {@link LongWork}: in today's generation over WebSocket with remote compactions, in the
 * other one over HTTP with local ones.
 */
export function longThreadOptions(
  baseUrl: string,
  codexHome: string,
  generation: "0.171" | "0.140",
): KeptThreadOptions {
  const isToday = generation === "0.171";
  return {
    provider: testProvider(baseUrl, {
      supportsWebsockets: isToday,
      ...(isToday && { name: "OpenAI" }),
    }),
    model: testModel({ context_window: CONTEXT_WINDOW, apply_patch_tool_type: "freeform" }),
    cwd: codexHome,
    codexHome,
    installationId: INSTALLATION_ID,
    sandboxMode: "danger-full-access",
    compatibility: generation,
    compactPrompt: COMPACT_PROMPT,
    trace: { root: `${codexHome}/traces` },
    env: { PATH: process.env["PATH"], HOME: codexHome },
    sleep: async () => {},
    tools: [
      defineTool({
        name: "note",
        description: "Notes something.",
        parameters: { type: "object", properties: { text: { type: "string" } } },
        execute: () => "noted",
      }),
    ],
  };
}

/** Runs the turn of that number: with an image now and then, steered now and then, interrupted where it is stuck. */
export async function runLongTurn(
  thread: CodexThread,
  turn: number,
  {
    signal,
    onEvent,
  }: {
    readonly signal?: AbortSignal;
    readonly onEvent?: (type: TurnEvent["type"]) => void;
  } = {},
): Promise<TurnEvent["type"] | undefined> {
  const image = { type: "image", image_url: `data:image/png;base64,${TINY_PNG}` } as const;
  const prompt = { type: "text", text: promptOf(turn) } as const;
  const input = turn % 30 === 2 ? [prompt, image] : [prompt];
  let end: TurnEvent["type"] | undefined;
  for await (const { type } of thread.runTurn(input, signal === undefined ? {} : { signal })) {
    onEvent?.(type);
    if (type === "itemStarted" && work.isStuck(turn)) void thread.interrupt();
    if (type === "itemStarted" && turn % 14 === 9) thread.steer("and hurry");
    end = type;
  }
  return end;
}
