// Calls every method of the app server on `codex-ts` and on the real Codex 0.171 and 0.140, and compares responses and
// notifications, but for ids, times, paths and each program's own texts.
//
//   pnpm conformance:app-server [--compatibility 0.171|0.140] [--cache DIR]
//
// Everything stays on the loopback. Exit code 0: no difference but those listed in app-server/known.ts.
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Compatibility } from "@codex-ts/protocol";
import {
  functionCallExchange,
  messageExchange,
  startResponsesServer,
} from "@codex-ts/responses-server";
import { compareTranscripts } from "./app-server/compare-transcripts.ts";
import { callEveryMethod } from "./app-server/every-method.ts";
import type { Transcript } from "./app-server/every-method.ts";
import { MODEL } from "./app-server/scripted-model.ts";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { CODEX_VERSIONS, chosenGenerations } from "./programs/generations.ts";

const { values } = parseArgs({
  options: {
    compatibility: { type: "string" },
    cache: { type: "string", default: defaultCacheFolder() },
  },
});
const MAIN = fileURLToPath(new URL("../../../apps/cli/src/main.ts", import.meta.url));

let unknown = 0;
for (const compatibility of chosenGenerations(values)) {
  const binary = await fetchCodex(CODEX_VERSIONS[compatibility], values.cache);
  const real = await run([binary, "app-server"], compatibility);
  const override = `compatibility="${compatibility}"`;
  const node = [process.execPath, "--conditions=@codex-ts/source", MAIN];
  const ours = await run([...node, "-c", override, "app-server"], compatibility);
  const { differences, known } = compareTranscripts(real, ours);
  for (const difference of differences) console.log(`${compatibility} ${difference}`);
  console.log(
    `${compatibility}: ${real.responses.size} responses, ${real.notifications.length} notifications, ${differences.length} differences, ${known} known`,
  );
  unknown += differences.length;
}
process.exitCode = unknown === 0 ? 0 : 1;

/** Plays the same script for one program, in a home of its own. */
async function run(command: readonly string[], compatibility: Compatibility): Promise<Transcript> {
  // Not in the system's temporary directory, where Codex makes no helper programs.
  const caches = join(homedir(), ".cache");
  await mkdir(caches, { recursive: true });
  const work = await realpath(await mkdtemp(join(caches, "codex-ts-app-server-")));
  const call = { name: "exec_command", args: { cmd: "true" }, callId: "call_1" };
  const server = await startResponsesServer({
    script: [
      messageExchange("One."),
      functionCallExchange(call),
      messageExchange("Two."),
      messageExchange("Three."),
      messageExchange("The summary."),
    ],
  });
  try {
    const [home, cwd] = [join(work, "home"), join(work, "work")];
    await mkdir(home);
    await mkdir(cwd);
    await writeFile(join(home, "config.toml"), configuration(server.url, home, compatibility));
    await writeFile(join(home, "catalog.json"), JSON.stringify({ models: [MODEL] }));
    const env = {
      PATH: process.env["PATH"],
      HOME: work,
      CODEX_HOME: home,
      SCRIPTED_KEY: "sk-scripted",
      SHELL: "/bin/bash",
      TERM: "xterm",
      TZ: "UTC",
      LANG: "C.UTF-8",
    };
    return await callEveryMethod({ command, env }, { cwd, compatibility });
  } finally {
    await server.close();
    await rm(work, { recursive: true, force: true });
  }
}

function configuration(url: string, home: string, compatibility: Compatibility): string {
  const off = ["apps", "plugins", "goals", "shell_snapshot", "personality"];
  return `model = "scripted-model"
model_provider = "scripted"
model_catalog_json = "${home}/catalog.json"
approval_policy = "never"
sandbox_mode = "danger-full-access"
include_permissions_instructions = false
check_for_update_on_startup = false
web_search = "disabled"
compact_prompt = "Write a summary."
[analytics]
enabled = false
[skills]
include_instructions = false
[skills.bundled]
enabled = false
[features]
${off.map((name) => `${name} = false`).join("\n")}
[model_providers.scripted]
name = "scripted"
base_url = "${url}"
env_key = "SCRIPTED_KEY"
wire_api = "responses"
${compatibility === "0.171" ? "[agents]\nenabled = false" : ""}
`;
}
