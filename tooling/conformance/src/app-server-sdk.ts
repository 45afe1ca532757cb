// Has an SDK drive `codex-ts app-server` as it is (text, stream, tool, structured output, abort), then `codex-ts exec` (text,
// structured output, image). The SDK is fetched into a temporary directory; nothing of it is installed with the workspace.
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

const CHECKS = ["app-server/sdk-checks.mjs", "cli/sdk-checks.mjs"].map((file) =>
  fileURLToPath(new URL(file, import.meta.url)),
);

/** Where the schemas are sent: the number of the request in the script. */
const STRUCTURED = [
  ["app-server", 4],
  ["exec", 8],
] as const;

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
    messageExchange("Text of exec."),
    messageExchange('{"name":"Bob","age":37}'),
    messageExchange("A red dot."),
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
  let failed = 0;
  for (const [index, checks] of CHECKS.entries()) {
    await copyFile(checks, join(work, `checks-${index}.mjs`));
    const child = spawn(process.execPath, [`checks-${index}.mjs`], {
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
    if (exitCode !== 0) failed += 1;
  }
  for (const [name, number] of STRUCTURED) {
    const body = server.requests[number]?.body as Body | undefined;
    const type = body?.text?.format?.type;
    if (type !== "json_schema") failed += 1;
    console.log(`${name}, structured output: the schema was sent as ${type}`);
  }
  const [image] = imagesOf(server.requests.at(-1)?.body as Body | undefined);
  if (image?.startsWith("data:image/png;base64,") !== true) failed += 1;
  console.log(`exec, image: sent as ${image?.slice(0, 22)}`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await server.close();
  await rm(work, { recursive: true, force: true });
}

interface Body {
  readonly text?: { readonly format?: { readonly type?: string } };
  readonly input?: readonly {
    readonly content?: readonly { readonly type: string; readonly image_url?: string }[];
  }[];
}

function imagesOf(body: Body | undefined): string[] {
  const parts = (body?.input ?? []).flatMap(({ content }) => content ?? []);
  return parts.flatMap(({ type, image_url: url }) => (type === "input_image" && url ? [url] : []));
}
