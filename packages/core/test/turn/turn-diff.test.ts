import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ThreadEvent } from "@codex-ts/core";
import {
  customToolCall,
  failedExchange,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import { startScene, testModel } from "../support/harness.ts";

function patch(callId: string, ...lines: readonly string[]): Exchange {
  const input = ["*** Begin Patch", ...lines, "*** End Patch"].join("\n");
  return streamExchange([customToolCall("apply_patch", input, callId)]);
}

/** Runs a turn in a directory with files; returns the diffs it emitted. */
async function diffsOf(
  script: readonly Exchange[],
  options: {
    readonly compatibility?: "0.140" | "0.171";
    readonly git?: true;
    readonly folder?: string;
    readonly seen?: (type: string) => void;
  } = {},
): Promise<readonly string[]> {
  const diffs: string[] = [];
  const onEvent = (event: ThreadEvent): void => {
    options.seen?.(event.type);
    if (event.type === "turn_diff") diffs.push(event.msg.unified_diff);
  };
  await using scene = await startScene(script, {
    compatibility: options.compatibility ?? "0.171",
    model: testModel({ apply_patch_tool_type: "freeform" }),
    onEvent,
  });
  const cwd = join(scene.folder, options.folder ?? "");
  mkdirSync(cwd, { recursive: true });
  await writeFile(join(cwd, "old.txt"), "alpha\nbeta\ngamma\n");
  await writeFile(join(cwd, "bare.txt"), "no end");
  await writeFile(join(cwd, "moved.txt"), "one\n");
  if (options.git) execFileSync("git", ["init", "-q"], { cwd: scene.folder });
  await scene.turn("go", { cwd });
  return diffs;
}

const CHANGE_OLD = ["*** Update File: old.txt", "@@", " alpha", "-beta", "+BETA"];

const OLD_DIFF = `diff --git a/old.txt b/old.txt
index 85c30401ce288f253613cb07ee32e62128089caa..e50310a98706747e5f83d131572570985b069064
--- a/old.txt
+++ b/old.txt
@@ -1,3 +1,3 @@
 alpha
-beta
+BETA
 gamma
`;

describe("[core/turn-diff] the diff of a turn", () => {
  test("is that of all its patches, after each and, when there is one, at the end", async () => {
    const diffs = await diffsOf([
      patch("call_1", "*** Add File: new.txt", "+first", "+second", ...CHANGE_OLD),
      patch("call_2", "*** Update File: new.txt", "@@", " first", "-second", "+zweite"),
      patch("call_3", "*** Update File: gone.txt", "@@", "-nothing", "+something"),
      messageExchange("Done."),
    ]);
    expect(diffs).toHaveLength(3);
    expect(diffs[1]).toBe(
      `diff --git a/new.txt b/new.txt
new file mode 100644
index 0000000000000000000000000000000000000000..bdaa9d72f2feac08b6ca5e07396fce847b27a2d1
--- /dev/null
+++ b/new.txt
@@ -0,0 +1,2 @@
+first
+zweite
${OLD_DIFF}`,
    );
    expect(diffs[2]).toBe(diffs[1]);
  });

  test("has files that are gone, and those that have moved by the path they had", async () => {
    const [diff] = await diffsOf([
      patch(
        "call_1",
        "*** Delete File: bare.txt",
        "*** Update File: moved.txt",
        "*** Move to: sub/there.txt",
        "@@",
        "-one",
        "+two",
      ),
      messageExchange("Done."),
    ]);
    expect(diff).toBe(`diff --git a/bare.txt b/bare.txt
deleted file mode 100644
index d514c78b7520813632e783961fe3647f1e889fa8..0000000000000000000000000000000000000000
--- a/bare.txt
+++ /dev/null
@@ -1 +0,0 @@
-no end
\\ No newline at end of file
diff --git a/moved.txt b/sub/there.txt
index 5626abf0f72e58d7a153368ba57db4c673c0e171..f719efd430d52bcfc8566a43b2eb655688d38871
--- a/moved.txt
+++ b/sub/there.txt
@@ -1 +1 @@
-one
+two
`);
  });

  test("is empty when the files are what they were", async () => {
    const diffs = await diffsOf([
      patch("call_1", "*** Add File: a.txt", "+a"),
      patch("call_2", "*** Delete File: a.txt"),
      messageExchange("Done."),
    ]);
    expect(diffs).toHaveLength(2);
    expect(diffs[1]).toBe("");
  });

  test("knows what an added file has overwritten", async () => {
    const [diff] = await diffsOf([
      patch("call_1", "*** Add File: moved.txt", "+two"),
      messageExchange("Done."),
    ]);
    expect(diff).toContain("--- a/moved.txt\n+++ b/moved.txt\n@@ -1 +1 @@\n-one\n+two\n");
  });

  test("comes at the end of a turn that fails, too, behind its error", async () => {
    const script = [
      patch("call_1", ...CHANGE_OLD),
      failedExchange({ code: "invalid_prompt", message: "Refused." }),
    ];
    const types: string[] = [];
    const diffs = await diffsOf(script, { seen: (type) => types.push(type) });
    expect(diffs).toEqual([OLD_DIFF, OLD_DIFF]);
    expect(types.slice(types.indexOf("error"), types.indexOf("error") + 3)).toEqual([
      "error",
      "turn_diff",
      "task_complete",
    ]);
  });

  test("comes after each request in 0.140", async () => {
    const script = [patch("call_1", ...CHANGE_OLD), messageExchange("Done.")];
    const diffs = await diffsOf(script, { compatibility: "0.140" });
    expect(diffs).toEqual([OLD_DIFF, OLD_DIFF, OLD_DIFF]);
  });

  test("has paths below the root of the repository", async () => {
    const script = [patch("call_1", ...CHANGE_OLD), messageExchange("Done.")];
    const [diff] = await diffsOf(script, { git: true, folder: "packages/one" });
    expect(diff).toContain("diff --git a/packages/one/old.txt b/packages/one/old.txt\n");
  });

  test("can be applied by git", async () => {
    const script = [
      patch("call_1", "*** Delete File: bare.txt", ...CHANGE_OLD),
      messageExchange("Done."),
    ];
    const [diff = ""] = await diffsOf(script);
    await using scene = await startScene([]);
    await writeFile(join(scene.folder, "old.txt"), "alpha\nbeta\ngamma\n");
    await writeFile(join(scene.folder, "bare.txt"), "no end");
    execFileSync("git", ["apply", "-"], { cwd: scene.folder, input: diff });
    expect(await readFile(join(scene.folder, "old.txt"), "utf8")).toBe("alpha\nBETA\ngamma\n");
  });
});
