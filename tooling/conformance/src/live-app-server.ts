// Calls every method of the app server on `codex-ts` and on the real Codex 0.171 and 0.140, and compares responses and
// notifications, but for ids, times, paths and each program's own texts.
//
//   pnpm conformance:app-server [--compatibility 0.171|0.140] [--cache DIR]
//
// Everything stays on the loopback. Exit code 0: no difference but those listed in app-server/known.ts.
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
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
import { report } from "./compare/report.ts";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { CODEX_VERSIONS, chosenGenerations } from "./programs/generations.ts";
import { writeHome } from "./programs/home.ts";
import { ownCodex, realCodex } from "./programs/program.ts";
import type { Program } from "./programs/program.ts";
import { programEnvironment } from "./programs/run-program.ts";

const { values } = parseArgs({
  options: {
    compatibility: { type: "string" },
    cache: { type: "string", default: defaultCacheFolder() },
  },
});

let unknown = 0;
for (const compatibility of chosenGenerations(values)) {
  const version = CODEX_VERSIONS[compatibility];
  const binary = await fetchCodex(version, values.cache);
  const real = await run(realCodex(version, binary), [], compatibility);
  const override = ["-c", `compatibility="${compatibility}"`];
  const ours = await run(ownCodex({ from: "source" }), override, compatibility);
  const { differences, known } = compareTranscripts(real, ours);
  report(
    `${compatibility}: ${real.responses.size} responses, ${real.notifications.length} notifications, ${differences.length} differences, ${known} known`,
    differences,
  );
  unknown += differences.length;
}
process.exitCode = unknown === 0 ? 0 : 1;

/** Plays the same script for one program, in a home of its own. */
async function run(
  program: Program,
  options: readonly string[],
  compatibility: Compatibility,
): Promise<Transcript> {
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
    const config = `include_permissions_instructions = false
compact_prompt = "Write a summary."`;
    // With it 0.171 names the service tier of a thread.
    const features = ["fast_mode"];
    await writeHome(home, { baseUrl: server.url, compatibility, config, features });
    const command = [program.command, ...program.args, ...options, "app-server"];
    const env = { ...programEnvironment(home, undefined), ...program.env };
    return await callEveryMethod({ command, env }, { cwd, compatibility });
  } finally {
    await server.close();
    await rm(work, { recursive: true, force: true });
  }
}
