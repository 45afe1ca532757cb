// Plays scenes with the app servers of `codex-ts` and of the real Codex 0.171 and 0.140, every method among them, and
// compares responses, notifications and requests to the client, but for ids, times, paths and each program's own texts.
//
//   pnpm conformance:app-server [--compatibility 0.171|0.140] [--cache DIR] [--keep DIR] [--write] [SCENE…]
//
// Everything stays on the loopback. `--keep` writes what each program sent into a directory; `--write` keeps what the real
// program sent in test/app-server/, for the tests that run without it. Exit code 0: no difference but those listed in
// app-server/known.ts.
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Transcript } from "./app-server/client.ts";
import { compareTranscripts } from "./app-server/compare-transcripts.ts";
import { KEPT_SCENES, writeKeptTranscript } from "./app-server/kept-transcripts.ts";
import {
  type PlayedScene,
  type ServingProgram,
  ownServer,
  playScene,
} from "./app-server/play-scene.ts";
import type { Scene } from "./app-server/scene.ts";
import { SCENES } from "./app-server/scenes/index.ts";
import { report } from "./compare/report.ts";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { CODEX_VERSIONS, chosenGenerations } from "./programs/generations.ts";
import { realCodex } from "./programs/program.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    compatibility: { type: "string" },
    cache: { type: "string", default: defaultCacheFolder() },
    keep: { type: "string" },
    write: { type: "boolean", default: false },
  },
});

const scenes = SCENES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
let unknown = 0;
for (const compatibility of chosenGenerations(values)) {
  const version = CODEX_VERSIONS[compatibility];
  const codex = realCodex(version, await fetchCodex(version, values.cache));
  for (const scene of scenes) {
    const real = await play(scene, { program: codex, options: [], compatibility });
    const ours = await play(scene, ownServer(compatibility));
    if (values.write && KEPT_SCENES.includes(scene)) {
      writeKeptTranscript(scene.name, compatibility, real);
    }
    const { differences, known } = compareTranscripts(real, ours);
    report(
      `${compatibility} ${scene.name}: ${real.responses.size} responses, ${real.notifications.length} messages, ${differences.length} differences, ${known} known`,
      differences,
    );
    unknown += differences.length;
  }
}
process.exitCode = unknown === 0 ? 0 : 1;

function play(scene: Scene, serving: ServingProgram): Promise<Transcript> {
  const name = `${serving.compatibility}-${scene.name}-${serving.program.name}`;
  return playScene(scene, serving, (played) => keep(name, played));
}

/** Writes down what a client saw and a model was sent, to read it beside that of another program. */
async function keep(name: string, { transcript, requests, home }: PlayedScene): Promise<void> {
  if (values.keep === undefined) return;
  const lines = [
    ...[...transcript.responses].map(([label, response]) => ({ label, response })),
    ...transcript.notifications,
    ...requests.map(({ body, headers }) => ({ request: body, headers })),
  ];
  await mkdir(values.keep, { recursive: true });
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  await writeFile(join(values.keep, `${name}.jsonl`), text);
  const sessions = join(values.keep, `${name}-sessions`);
  await cp(join(home, "sessions"), sessions, { recursive: true }).catch(() => undefined);
}
