import { existsSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProcessCommand } from "../programs/process.ts";
import type { Program } from "../programs/program.ts";
import { execCommand, programEnvironment } from "../programs/run-program.ts";

/** Where a program runs, and whom it asks. */
export interface PrepareOptions {
  /** Parent of its directories. */
  readonly root: string;
  readonly baseUrl: string;
}

/** A program with a home of its own, to be run any number of times. */
export async function prepareProgram(
  program: Program,
  { root, baseUrl }: PrepareOptions,
): Promise<ProcessCommand> {
  const main = program.args.at(-1);
  if (main !== undefined && !existsSync(main))
    throw new Error("codex-ts is not built; run `pnpm build` first");
  const folder = await mkdtemp(join(root, "program-"));
  const [home, workspace, traces] = [
    join(folder, "home"),
    join(folder, "workspace"),
    join(folder, "traces"),
  ];
  for (const path of [home, workspace, traces]) await mkdir(path);
  await writeFile(
    join(home, "config.toml"),
    `model = "gpt-mock"
model_provider = "mock"

[model_providers.mock]
name = "mock"
base_url = "${baseUrl}"
env_key = "MOCK_KEY"
`,
  );
  return execCommand(program, {
    prompt: "go",
    cwd: workspace,
    env: programEnvironment(home, traces),
  });
}

/** The script that reads an answer and does nothing with it. */
export async function prepareStreamReader({
  root,
  baseUrl,
}: PrepareOptions): Promise<ProcessCommand> {
  return {
    command: process.execPath,
    args: [fileURLToPath(new URL("read-stream.ts", import.meta.url))],
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", BASE_URL: baseUrl },
  };
}

const TRACE_ROOT = "CODEX_ROLLOUT_TRACE_ROOT";

/** The same, without recording. */
export function untraced(command: ProcessCommand): ProcessCommand {
  const { [TRACE_ROOT]: _, ...env } = command.env;
  return { ...command, env };
}
