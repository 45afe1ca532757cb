import { expect, test } from "vitest";
import type { SandboxMode } from "@codex-ts/core";
import { messageExchange } from "@codex-ts/responses-server";
import { sandboxTag } from "../../src/metadata/sandbox-tag.ts";
import { startScene } from "../support/harness.ts";

test.each<[SandboxMode, NodeJS.Platform, string]>([
  ["danger-full-access", "linux", "none"],
  ["workspace-write", "linux", "seccomp"],
  ["read-only", "linux", "seccomp"],
  ["danger-full-access", "darwin", "none"],
  ["workspace-write", "darwin", "seatbelt"],
  ["read-only", "win32", "windows_sandbox"],
  ["read-only", "freebsd", "none"],
])("[core/S1-13] the tag of %s on %s is %s", (mode, platform, tag) => {
  expect(sandboxTag(mode, platform)).toBe(tag);
});

test.each<SandboxMode>(["danger-full-access", "workspace-write", "read-only"])(
  "[core/S1-13] requests of a thread carry the tag of %s",
  async (sandboxMode) => {
    await using scene = await startScene([messageExchange("Hi.")], { sandboxMode });
    await scene.turn("go");
    const blob = JSON.parse(scene.server.requests[0]?.header("x-codex-turn-metadata") ?? "null");
    expect(blob).toMatchObject({ sandbox: sandboxTag(sandboxMode) });
  },
);
