import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { TurnEvent } from "@codex-ts/core";
import type { JsonObject } from "@codex-ts/protocol";
import {
  customToolCall,
  functionCall,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { readRawBundle, reduceStrictly } from "../../support/bundle.ts";
import { startScene, testModel } from "../../support/harness.ts";
import type { Scene, SceneOptions } from "../../support/harness.ts";

function patchOf(...lines: readonly string[]): string {
  return ["*** Begin Patch", ...lines, "*** End Patch"].join("\n");
}

const calling = (...calls: Parameters<typeof streamExchange>[0]): Exchange[] => [
  streamExchange(calls),
  messageExchange("Done."),
];

const patch = (...lines: readonly string[]) =>
  customToolCall("apply_patch", patchOf(...lines), "call_1");

const command = (cmd: string, args: JsonObject = {}) =>
  functionCall("exec_command", { cmd, login: false, ...args }, "call_1");

/** A thread in a directory with two files, and a model that takes patches. */
async function startPatching(
  calls: Parameters<typeof streamExchange>[0],
  options: SceneOptions = {},
): Promise<Scene & { workspace: string }> {
  const scene = await startScene(calling(...calls), {
    model: testModel({ apply_patch_tool_type: "freeform" }),
    compatibility: "0.171",
    ...options,
  });
  await writeFile(join(scene.folder, "f"), "a\nb\n");
  await mkdir(join(scene.folder, ".git"));
  return Object.assign(scene, { workspace: scene.folder });
}

/** The same in a project that is not below the system's temporary directory, where everybody may write. */
async function startOutsideOfTmp(
  calls: Parameters<typeof streamExchange>[0],
  options: SceneOptions,
): Promise<Scene & { workspace: string }> {
  const root = await mkdtemp("/var/tmp/codex-ts-patch-");
  const workspace = join(root, "project");
  for (const name of ["project", "project/.git", "outside"]) await mkdir(join(root, name));
  await writeFile(join(workspace, "f"), "a\nb\n");
  await symlink("../outside", join(workspace, "out"));
  const scene = await startPatching(calls, { cwd: workspace, ...options });
  const close = scene[Symbol.asyncDispose].bind(scene);
  return Object.assign(scene, {
    workspace,
    async [Symbol.asyncDispose]() {
      await close();
      await rm(root, { recursive: true });
    },
  });
}

interface RequestBody {
  readonly input: readonly JsonObject[];
  readonly tools: readonly JsonObject[];
}

function bodyOf(request: { readonly body: unknown } | undefined): RequestBody {
  if (request === undefined) throw new Error("no request");
  return request.body as RequestBody;
}

/** The output the model reads of the call. */
function outputOf({ server, folder }: Scene): string {
  const { input } = bodyOf(server.requests.at(-1));
  const item = input.find(({ type }) => typeof type === "string" && type.endsWith("_call_output"));
  const output = item?.["output"];
  return typeof output === "string" ? output.replaceAll(folder, "{}") : "";
}

const shownItems = (events: readonly TurnEvent[], folder: string): unknown[] =>
  events.flatMap((event) =>
    (event.type === "itemStarted" || event.type === "itemCompleted") &&
    event.item.type === "file_change"
      ? [
          [
            event.item.status,
            event.item.changes.map(({ path, kind }) => `${kind} ${path.replace(folder, "{}")}`),
          ],
        ]
      : [],
  );

const text = (scene: Scene, name: string): Promise<string> =>
  readFile(join(scene.folder, name), "utf8");

describe("apply_patch", () => {
  test.skipIf(process.platform === "win32").each<[string, (path: string) => void]>([
    ["a pipe", (path) => execFileSync("mkfifo", [path])],
    ["a link to a device", (path) => symlinkSync("/dev/zero", path)],
  ])("[core/patch-applies] %s is not read and not written to", async (_what, make) => {
    await using scene = await startPatching([patch("*** Add File: odd", "+x")]);
    make(join(scene.folder, "odd"));
    await scene.turn("go");
    expect(outputOf(scene)).toMatch(/^Exit code: 1\n[\s\S]*Failed to write file/);
  });

  test("[core/patch-applies] edits files, and the model, the client and the trace are told", async () => {
    await using scene = await startPatching([
      patch("*** Update File: f", "*** Move to: sub/g", "-b", "+B", "*** Add File: new", "+x"),
    ]);
    const events = await scene.turn("go");
    expect(outputOf(scene)).toMatch(
      /^Exit code: 0\nWall time: [\d.]+ seconds\nOutput:\nSuccess\. Updated the following files:\nA new\nM sub\/g\n$/,
    );
    const changes = ["update {}/f", "add {}/new"];
    expect(shownItems(events, scene.folder)).toEqual([
      ["in_progress", changes],
      ["completed", changes],
    ]);
    expect(await text(scene, "sub/g")).toBe("a\nB\n");
    await reduceStrictly(scene.thread);
    const bundle = readRawBundle(scene.thread.bundlePath);
    const [started] = bundle.of("tool_call_runtime_started");
    const [ended] = bundle.of("tool_call_runtime_ended");
    const path = (name: string): string => join(scene.folder, name);
    const shown = {
      [path("f")]: {
        type: "update",
        unified_diff: "@@ -1,2 +1,2 @@\n a\n-b\n+B\n",
        move_path: path("sub/g"),
      },
      [path("new")]: { type: "add", content: "x\n" },
    };
    expect(started?.kind).toEqual({ type: "apply_patch" });
    expect(bundle.payload(started?.runtime_payload)).toMatchObject({
      call_id: "call_1",
      auto_approved: true,
      changes: shown,
    });
    expect(ended?.status).toBe("completed");
    expect(bundle.payload(ended?.runtime_payload)).toMatchObject({
      stdout: "Success. Updated the following files:\nA new\nM sub/g\n",
      stderr: "",
      success: true,
      changes: shown,
      status: "completed",
    });
  });

  test.each([
    [
      ["*** Update File: f", "-none"],
      "apply_patch verification failed: Failed to find expected lines in {}/f:\nnone",
    ],
    [
      ["*** Update File: f"],
      "apply_patch verification failed: invalid hunk at line 2, Update file hunk for path 'f' is empty",
    ],
    [
      ["*** Environment ID: x", "*** Delete File: f"],
      "apply_patch environment selection is unavailable for this turn",
    ],
    [[], "patch rejected: empty patch"],
  ])(
    "[core/patch-refused] %j is answered, and nothing is shown or written",
    async (lines, output) => {
      await using scene = await startPatching([patch(...lines)]);
      expect(shownItems(await scene.turn("go"), scene.folder)).toEqual([]);
      expect(outputOf(scene)).toBe(output);
      expect(await text(scene, "f")).toBe("a\nb\n");
      await reduceStrictly(scene.thread);
      const [ended] = readRawBundle(scene.thread.bundlePath).of("tool_call_ended");
      expect(ended?.status).toBe("failed");
    },
  );

  test("[core/patch-failed] one that cannot be written changes nothing and is shown as failed", async () => {
    await using scene = await startPatching([
      patch("*** Update File: f", "-b", "+B", "*** Add File: .git", "+x"),
    ]);
    const changes = ["add {}/.git", "update {}/f"];
    expect(shownItems(await scene.turn("go"), scene.folder)).toEqual([
      ["in_progress", changes],
      ["failed", changes],
    ]);
    expect(outputOf(scene)).toMatch(
      /^Exit code: 1\nWall time: [\d.]+ seconds\nOutput:\nFailed to write file \{\}\/\.git\n$/,
    );
    expect(await text(scene, "f")).toBe("a\nb\n");
    await reduceStrictly(scene.thread);
    const bundle = readRawBundle(scene.thread.bundlePath);
    const [ended] = bundle.of("tool_call_runtime_ended");
    expect(bundle.payload(ended?.runtime_payload)).toMatchObject({
      stdout: "",
      stderr: `Failed to write file ${scene.folder}/.git\n`,
      success: false,
      status: "failed",
    });
  });

  test.each([
    [
      "freeform",
      ["exec_command", "write_stdin", "request_user_input", "apply_patch", "view_image"],
    ],
    [null, ["exec_command", "write_stdin", "request_user_input", "view_image"]],
  ] as const)(
    "[core/patch-offered] a model with the type %s is offered %j",
    async (type, names) => {
      await using scene = await startPatching([], {
        model: testModel({ apply_patch_tool_type: type }),
      });
      await scene.turn("go");
      const { tools } = bodyOf(scene.server.requests[0]);
      expect(tools.map(({ name }) => name)).toEqual(names);
    },
  );

  test("[core/patch-offered] it takes free text by a grammar", async () => {
    await using scene = await startPatching([]);
    await scene.turn("go");
    const { tools } = bodyOf(scene.server.requests[0]);
    expect(tools.find(({ name }) => name === "apply_patch")).toEqual({
      type: "custom",
      name: "apply_patch",
      description: expect.any(String),
      format: { type: "grammar", syntax: "lark", definition: expect.any(String) },
    });
  });

  test("[core/patch-rules] follows the generation of the thread", async () => {
    await using scene = await startPatching([patch("*** Update File: f", "-b", "+B")], {
      compatibility: "0.140",
    });
    await writeFile(join(scene.folder, "f"), "a\r\nb\r\n");
    await scene.turn("go");
    expect(await text(scene, "f")).toBe("a\r\nB\n");
  });
});

describe("a patch in a shell command", () => {
  const HEREDOC = `apply_patch <<'EOF'\n${patchOf("*** Add File: new", "+$HOME")}\nEOF`;

  test.each([
    [HEREDOC, {}, "new"],
    [HEREDOC, { tty: true, shell: "/bin/sh" }, "new"],
    [HEREDOC, { workdir: "sub" }, "sub/new"],
    [`cd sub && ${HEREDOC}`, {}, "sub/new"],
  ])("[core/patch-command] %j with %j is applied without a process", async (cmd, args, name) => {
    await using scene = await startPatching([command(cmd, args)], { compatibility: "0.140" });
    const events = await scene.turn("go");
    expect(outputOf(scene)).toMatch(
      /^Wall time: 0\.0000 seconds\nOutput:\nExit code: 0\nWall time: [\d.]+ seconds\nOutput:\nSuccess\. Updated the following files:\nA new\n$/,
    );
    expect(shownItems(events, scene.folder).at(-1)).toEqual(["completed", [`add {}/${name}`]]);
    expect(
      events.some(
        (event) => event.type === "itemStarted" && event.item.type === "command_execution",
      ),
    ).toBe(false);
    expect(await text(scene, name)).toBe("$HOME\n");
  });

  test.each([
    [
      patchOf("*** Add File: new", "+x"),
      'apply_patch verification failed: patch detected without explicit call to apply_patch. Rerun as ["apply_patch", "<patch>"]',
    ],
    [
      "apply_patch <<'EOF'\nnonsense\nEOF",
      "apply_patch verification failed: invalid patch: The first line of the patch must be '*** Begin Patch'",
    ],
    [`apply_patch <<'EOF'\n${patchOf()}\nEOF`, "patch rejected: empty patch"],
  ])("[core/patch-command] %j is refused", async (cmd, output) => {
    await using scene = await startPatching([command(cmd)]);
    await scene.turn("go");
    expect(outputOf(scene)).toBe(output);
  });

  test("[core/patch-command] beside another command it is left to the shell", async () => {
    await using scene = await startPatching([command(`${HEREDOC}\necho more`)]);
    const events = await scene.turn("go");
    expect(outputOf(scene)).toContain("more");
    expect(shownItems(events, scene.folder)).toEqual([]);
  });
});

describe("where a thread may not write everywhere", () => {
  const READ_ONLY =
    "patch rejected: writing is blocked by read-only sandbox; rejected by user approval settings";
  const OUTSIDE =
    "patch rejected: writing outside of the project; rejected by user approval settings";

  test.each([
    ["read-only", "new", READ_ONLY],
    ["workspace-write", "../outside", OUTSIDE],
    ["workspace-write", "/var/outside", OUTSIDE],
    ["workspace-write", ".git/hooks/post-checkout", OUTSIDE],
    ["workspace-write", ".codex/config.toml", OUTSIDE],
    ["workspace-write", "sub/.agents/x", OUTSIDE],
  ] as const)("[core/patch-sandbox] %s: %s is refused", async (sandboxMode, path, output) => {
    for (const calls of [
      [patch(`*** Add File: ${path}`, "+x")],
      [patch("*** Update File: f", `*** Move to: ${path}`, "-b", "+B")],
      [command(`apply_patch <<'EOF'\n${patchOf(`*** Add File: ${path}`, "+x")}\nEOF`)],
    ]) {
      await using scene = await startOutsideOfTmp(calls, { sandboxMode });
      expect(shownItems(await scene.turn("go"), scene.folder)).toEqual([]);
      expect(outputOf(scene)).toBe(output);
      expect(await readdir(scene.workspace)).toEqual([".git", "f", "out"]);
    }
  });

  test("[core/patch-sandbox] workspace-write: a link that leads out is not followed", async () => {
    await using scene = await startOutsideOfTmp([patch("*** Add File: out/new", "+x")], {
      sandboxMode: "workspace-write",
    });
    await scene.turn("go");
    expect(outputOf(scene)).toMatch(/^Exit code: 1\n[^]*Failed to write file .*\/out\/new\n$/);
    expect(await readdir(join(scene.workspace, "../outside"))).toEqual([]);
  });

  test("[core/patch-sandbox] workspace-write: the project is written", async () => {
    await using scene = await startOutsideOfTmp([patch("*** Update File: f", "-b", "+B")], {
      sandboxMode: "workspace-write",
    });
    await scene.turn("go");
    expect(outputOf(scene)).toMatch(/^Exit code: 0\n/);
    expect(await readFile(join(scene.workspace, "f"), "utf8")).toBe("a\nB\n");
  });

  test("[core/patch-sandbox] nobody is asked under the policy untrusted, so nothing is written", async () => {
    await using scene = await startPatching([patch("*** Add File: new", "+x")], {
      approvalPolicy: "untrusted",
    });
    await scene.turn("go");
    expect(outputOf(scene)).toMatch(/^patch rejected: approval policy `untrusted` /);
  });
});
