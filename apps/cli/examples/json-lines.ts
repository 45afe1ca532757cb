// Runs one turn as a child process and prints what the agent says, from its JSON lines.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { messageExchange, startResponsesServer } from "@codex-ts/responses-server";

interface ExecEvent {
  readonly type: string;
  readonly item?: { readonly type: string; readonly text?: string };
}

// A server plays the model; without `demo`, the provider of your configuration is asked.
const server = await startResponsesServer({ script: [messageExchange("Hello from the agent.")] });
const provider = `model_providers.demo={name="demo",base_url="${server.url}"}`;
const demo = ["--model", "any", "-c", 'model_provider="demo"', "-c", provider];

const args = ["exec", "--json", "--skip-git-repo-check", ...demo, "Say hello."];
const child = spawn("codex-ts", args, { stdio: ["ignore", "pipe", "inherit"] });
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
for await (const line of createInterface(child.stdout)) {
  const event = JSON.parse(line) as ExecEvent;
  const isMessage = event.type === "item.completed" && event.item?.type === "agent_message";
  if (isMessage) console.log(event.item?.text);
}
await server.close();
