import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Compatibility } from "@codex-ts/protocol";
import { startResponsesServer } from "@codex-ts/responses-server";
import type { ResponsesServer } from "@codex-ts/responses-server";
import { writeHome, writeWorkspace } from "../programs/home.ts";
import { ownCodex } from "../programs/program.ts";
import type { Program } from "../programs/program.ts";
import { programEnvironment } from "../programs/run-program.ts";
import { waitFor } from "@codex-ts/test-support";
import { Client, TURN_MS } from "./client.ts";
import type { Transcript } from "./client.ts";
import type { Scene } from "./scene.ts";

/** A program as its clients start it. */
export interface ServingProgram {
  readonly program: Program;
  readonly compatibility: Compatibility;
  /** Put before `app-server`. */
  readonly options: readonly string[];
}

/** Ours, from source, like the program of a generation. */
export function ownServer(compatibility: Compatibility): ServingProgram {
  const options = ["-c", `compatibility="${compatibility}"`];
  return { program: ownCodex({ from: "source" }), options, compatibility };
}

/** What is left of a scene that was played. */
export interface PlayedScene {
  readonly transcript: Transcript;
  readonly requests: ResponsesServer["requests"];
  readonly home: string;
}

/** Plays a scene for one program, in a home of its own, which is removed when `look` has seen it. */
export async function playScene(
  scene: Scene,
  { program, compatibility, options }: ServingProgram,
  look: (played: PlayedScene) => Promise<void> = async () => undefined,
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
      const asked = async (count: number): Promise<void> => {
        await waitFor(() => server.requests.length >= count, {
          timeoutMs: TURN_MS,
          what: `request ${count}`,
        });
      };
      const release = (gate: string): void => server.release(gate);
      await scene.play(client, { cwd, compatibility, asked, release });
    } catch (error) {
      // A message that never came ends the scene, and is a difference.
      client.responses.set("end of the scene", { reason: String(error) });
    } finally {
      await client.leave();
      await look({ transcript: client, requests: server.requests, home });
    }
    return client;
  } finally {
    await server.close();
    await rm(work, { recursive: true, force: true });
  }
}
