import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type JsonObject, isJsonObject } from "@codex-ts/protocol";
import { startResponsesServer } from "@codex-ts/responses-server";
import { isLongForm, temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { type RecordedRun, hasCorpus, readRecordedRun } from "../support/corpus.ts";
import { runInProcess } from "../support/run-cli.ts";

const BYPASS = ["--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"];

/** Plays the recorded answers to our client under the recorded configuration. */
async function replay(run: RecordedRun, version: string): Promise<readonly JsonObject[]> {
  await using server = await startResponsesServer({ script: run.script });
  await using directory = await temporaryDirectory();
  const home = join(directory.path, "home");
  const workspace = join(directory.path, "workspace");
  await mkdir(home);
  await mkdir(workspace);
  const toml = run.configToml
    .replaceAll("/codex-home", home)
    .replaceAll("http://127.0.0.1:4010", server.origin);
  await writeFile(join(home, "config.toml"), toml);
  await writeFile(join(home, "catalog.json"), JSON.stringify(run.catalog));
  const compatibility = version === "0.140.0" ? "0.140" : "0.171";
  const { stdout, stderr } = await runInProcess(
    ["exec", "--json", ...BYPASS, "-c", `compatibility=${compatibility}`, "go"],
    {
      cwd: workspace,
      env: {
        HOME: workspace,
        CODEX_HOME: home,
        MOCK_KEY: "sk-mock",
        PATH: process.env["PATH"] ?? "",
      },
    },
  );
  expect(stderr).toBe("");
  expect(server.unexpectedRequests).toEqual([]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as JsonObject);
}

/** What differs from run to run: the id of the thread, and how two outputs of one command are interleaved. */
function comparable(lines: readonly JsonObject[]): readonly JsonObject[] {
  return lines.map((line) => {
    if (line["type"] === "thread.started") return { ...line, thread_id: "<thread>" };
    const item = line["item"];
    const output = isJsonObject(item) ? item["aggregated_output"] : undefined;
    if (typeof output !== "string") return line;
    return { ...line, item: { ...(item as JsonObject), aggregated_output: sortLines(output) } };
  });
}

function sortLines(text: string): string {
  return text.split("\n").toSorted().join("\n");
}

describe.skipIf(!hasCorpus)("the JSON lines of recorded runs", () => {
  const scenarios = [
    "plain-message",
    "several-output-items",
    "exec-command",
    "unknown-tool",
    "malformed-args",
    "malformed-args-light",
    "large-output",
  ];
  const cases = [
    ["0.140.0", "exec-failing"] as const,
    ...[...(isLongForm ? ["0.140.0"] : []), "0.169.0"].flatMap((version) =>
      scenarios.map((scenario) => [version, scenario] as const),
    ),
  ];
  test.each(cases)("[cli/json-recorded] of %s %s are printed again", async (version, scenario) => {
    const run = readRecordedRun(version, scenario);
    expect(comparable(await replay(run, version))).toEqual(comparable(run.lines));
  });
});
