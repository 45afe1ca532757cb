// Runs one turn as a child process and prints what the agent says, from its JSON lines.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

interface ExecEvent {
  readonly type: string;
  readonly item?: { readonly type: string; readonly text?: string };
}

const program = "codex-ts";
const args = ["exec", "--json", "--skip-git-repo-check", "Say hello."];
const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
for await (const line of createInterface(child.stdout)) {
  const event = JSON.parse(line) as ExecEvent;
  const isMessage = event.type === "item.completed" && event.item?.type === "agent_message";
  if (isMessage) console.log(event.item?.text);
}
