import { createThread } from "@codex-ts/core";
import type { McpStdioServer } from "@codex-ts/core";
import { testModel, testProvider } from "../harness.ts";

/** Makes a thread whose server has started, and leaves it open. */
export async function startMcpServersForTest(server: McpStdioServer): Promise<void> {
  await createThread({
    provider: testProvider("http://127.0.0.1:9"),
    model: testModel(),
    cwd: "/",
    installationId: "11111111-1111-4111-8111-111111111111",
    env: { PATH: process.env["PATH"] },
    mcpServers: { demo: { ...server, required: true } },
  });
}
