// Plays scenes with the app servers of `codex-ts` and of the real Codex 0.171 and 0.140, every method among them, and
// compares responses, notifications and requests to the client, but for ids, times, paths and each program's own texts.
//
//   pnpm conformance:app-server [--compatibility 0.171|0.140] [--cache DIR] [--keep DIR] [SCENE…]
//
// Everything stays on the loopback. `--keep` writes what each program sent into a directory. Exit code 0: no difference
// but those listed in app-server/known.ts.
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Compatibility } from "@codex-ts/protocol";
import { startResponsesServer } from "@codex-ts/responses-server";
import { Client } from "./app-server/client.ts";
import type { Transcript } from "./app-server/client.ts";
import { compareTranscripts } from "./app-server/compare-transcripts.ts";
import type { Scene } from "./app-server/scene.ts";
import { SCENES } from "./app-server/scenes/index.ts";
import { report } from "./compare/report.ts";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { CODEX_VERSIONS, chosenGenerations } from "./programs/generations.ts";
import { writeHome, writeWorkspace } from "./programs/home.ts";
import { ownCodex, realCodex } from "./programs/program.ts";
import type { Program } from "./programs/program.ts";
import { programEnvironment } from "./programs/run-program.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    compatibility: { type: "string" },
    cache: { type: "string", default: defaultCacheFolder() },
    keep: { type: "string" },
  },
});

const scenes = SCENES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
let unknown = 0;
for (const compatibility of chosenGenerations(values)) {
  const version = CODEX_VERSIONS[compatibility];
  const codex = realCodex(version, await fetchCodex(version, values.cache));
  for (const scene of scenes) {
    const real = await play(scene, codex, [], compatibility);
    const override = ["-c", `compatibility="${compatibility}"`];
    const ours = await play(scene, ownCodex({ from: "source" }), override, compatibility);
    const { differences, known } = compareTranscripts(real, ours);
    report(
      `${compatibility} ${scene.name}: ${real.responses.size} responses, ${real.notifications.length} messages, ${differences.length} differences, ${known} known`,
      differences,
    );
    unknown += differences.length;
  }
}
process.exitCode = unknown === 0 ? 0 : 1;

/** Plays a scene for one program, in a home of its own. */
async function play(
  scene: Scene,
  program: Program,
  options: readonly string[],
  compatibility: Compatibility,
): Promise<Transcript> {
  // Not in the system's temporary directory, where Codex makes no helper programs.
  const caches = join(homedir(), ".cache");
  await mkdir(caches, { recursive: true });
  const work = await realpath(await mkdtemp(join(caches, "codex-ts-app-server-")));
  const server = await startResponsesServer({ script: scene.script });
  try {
    const [home, cwd] = [join(work, "home"), join(work, "work")];
    await mkdir(home);
    await mkdir(cwd);
    await writeWorkspace(cwd, scene);
    await writeHome(home, { ...scene, baseUrl: server.url, compatibility });
    const command = [program.command, ...program.args, ...options, "app-server"];
    const env = { ...programEnvironment(home, undefined), ...program.env };
    const client = new Client({ command, env }, cwd);
    try {
      await scene.play(client, { cwd, compatibility });
    } catch (error) {
      // A message that never came ends the scene, and is a difference.
      client.responses.set("end of the scene", { reason: String(error) });
    } finally {
      await client.leave();
      await keep(`${compatibility}-${scene.name}-${program.name}`, client, server, home);
    }
    return client;
  } finally {
    await server.close();
    await rm(work, { recursive: true, force: true });
  }
}

/** Writes down what a client saw and a model was sent, to read it beside that of another program. */
async function keep(
  name: string,
  { responses, notifications }: Transcript,
  { requests }: Awaited<ReturnType<typeof startResponsesServer>>,
  home: string,
): Promise<void> {
  if (values.keep === undefined) return;
  const lines = [
    ...[...responses].map(([label, response]) => ({ label, response })),
    ...notifications,
    ...requests.map(({ body, headers }) => ({ request: body, headers })),
  ];
  await mkdir(values.keep, { recursive: true });
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  await writeFile(join(values.keep, `${name}.jsonl`), text);
  const { cp } = await import("node:fs/promises");
  await cp(join(home, "sessions"), join(values.keep, `${name}-sessions`), {
    recursive: true,
  }).catch(() => {});
}
