// Has an SDK that speaks the app-server protocol drive `codex-ts app-server` as it is: text, stream, tool, structured
// output, abort. The SDK is fetched into a temporary directory; nothing of it is installed with the workspace.
//
//   pnpm conformance:app-server-sdk [--sdk ai-sdk-provider-codex-cli@VERSION]
//
// Everything but the fetching stays on the loopback. Exit code 0: all checks hold.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import {
  functionCallExchange,
  hang,
  itemAdded,
  messageExchange,
  messageItem,
  startResponsesServer,
  streamExchange,
  textDelta,
} from "@codex-ts/responses-server";
import { ownCodex } from "./programs/program.ts";

const { values } = parseArgs({
  options: { sdk: { type: "string", default: "ai-sdk-provider-codex-cli@latest" } },
});

const CHECKS = fileURLToPath(new URL("app-server/sdk-checks.mjs", import.meta.url));

const work = await mkdtemp(join(tmpdir(), "codex-ts-sdk-"));
const call = { name: "exec_command", args: { cmd: "echo from-tool" }, callId: "call_1" };
const server = await startResponsesServer({
  script: [
    messageExchange("Plain text."),
    messageExchange(["Stre", "amed ", "text."]),
    functionCallExchange(call),
    messageExchange("The tool said from-tool."),
    messageExchange('{"name":"Ada","age":36}'),
    streamExchange([itemAdded(messageItem("", { id: "msg_1" })), textDelta("endless"), hang()]),
    messageExchange("After the abort."),
  ],
});
try {
  const home = join(work, "home");
  await mkdir(home);
  await writeFile(
    join(home, "config.toml"),
    `model = "any-model"
model_provider = "scripted"
sandbox_mode = "danger-full-access"
[model_providers.scripted]
name = "scripted"
base_url = "${server.url}"
env_key = "SCRIPTED_KEY"
`,
  );
  const program = join(work, "codex");
  const { command, args } = ownCodex({ from: "source" });
  await writeFile(
    program,
    `#!/bin/sh\nexec ${[command, ...args].map((word) => `'${word}'`).join(" ")} "$@"\n`,
  );
  await chmod(program, 0o700);
  await writeFile(join(work, "package.json"), '{"private":true,"type":"module"}');
  const packages = [values.sdk, "ai", "zod"];
  const flags = ["--omit=optional", "--no-audit", "--no-fund", "--ignore-scripts"];
  await promisify(execFile)("npm", ["install", ...flags, ...packages], { cwd: work });
  await copyFile(CHECKS, join(work, "checks.mjs"));
  const child = spawn(process.execPath, ["checks.mjs"], {
    cwd: work,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      PATH: process.env["PATH"],
      HOME: work,
      CODEX_PROGRAM: program,
      CODEX_HOME: home,
      SCRIPTED_KEY: "sk-scripted",
    },
  });
  const [exitCode] = (await once(child, "exit")) as [number | null];
  const body = server.requests[4]?.body as { text?: { format?: { type?: string } } } | undefined;
  const format = body?.text?.format;
  console.log(`structured output: the schema was sent as ${format?.type}`);
  process.exitCode = exitCode === 0 && format?.type === "json_schema" ? 0 : 1;
} finally {
  await server.close();
  await rm(work, { recursive: true, force: true });
}
