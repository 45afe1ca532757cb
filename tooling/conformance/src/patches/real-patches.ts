import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Compatibility } from "@codex-ts/protocol";
import {
  customToolCall,
  messageExchange,
  startResponsesServer,
  streamExchange,
} from "@codex-ts/responses-server";
import { writeHome } from "../programs/home.ts";
import { runProcess } from "../programs/process.ts";
import { realCodex } from "../programs/program.ts";
import { execCommand, programEnvironment } from "../programs/run-program.ts";
import type { PatchCase, PatchOutcome } from "./patch-case.ts";
import { readTree, writeTree } from "./tree-files.ts";

/**
 * Applies the patches of cases with the real Codex: one turn in which the model calls `apply_patch` once for each. `folder` is empty
 * and gets the home and the working directory.
 */
export async function realOutcomes(
  cases: readonly PatchCase[],
  folder: string,
  { binary, compatibility }: { readonly binary: string; readonly compatibility: Compatibility },
): Promise<PatchOutcome[]> {
  const home = join(folder, "home");
  const root = join(folder, "work");
  for (const each of [folder, home, root]) await mkdir(each);
  for (const each of cases) writeTree(join(root, each.folder), each.tree);
  const calls = cases.map(({ patch }, index) =>
    customToolCall("apply_patch", patch.replaceAll("{ROOT}", root), `call_${index}`),
  );
  await using server = await startResponsesServer({
    script: [streamExchange(calls), messageExchange("Done.")],
  });
  await writeHome(home, { baseUrl: server.url, compatibility });
  const { exitCode, stderr } = await runProcess(
    execCommand(realCodex(compatibility, binary), {
      prompt: "go",
      cwd: root,
      env: programEnvironment(home, undefined),
    }),
  );
  if (exitCode !== 0) throw new Error(`codex ended with ${exitCode}: ${stderr}`);
  const outputs = outputsOf(server.requests.at(-1)?.body);
  return cases.map((each, index) => {
    const output = outputs.get(`call_${index}`);
    if (output === undefined) throw new Error(`no output for ${each.folder}`);
    return {
      output: output.replaceAll(root, "{ROOT}").replace(/^Wall time: .*\n/m, ""),
      tree: readTree(join(root, each.folder)),
    };
  });
}

function outputsOf(body: unknown): ReadonlyMap<string, string> {
  const { input } = body as { readonly input: readonly Record<string, unknown>[] };
  return new Map(
    input
      .filter(({ type }) => type === "custom_tool_call_output")
      .map((item) => [String(item["call_id"]), String(item["output"])]),
  );
}
