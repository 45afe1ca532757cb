import { expect, test } from "vitest";
import {
  readAgentStatus,
  readApprovalsReviewer,
  readAskForApproval,
  readSandboxPolicy,
  toWireSandboxPolicy,
} from "@codex-ts/protocol";

test.each([
  [{ type: "danger-full-access" }, '{"type":"danger-full-access"}'],
  [{ type: "read-only" }, '{"type":"read-only"}'],
  [{ type: "read-only", network_access: false }, '{"type":"read-only"}'],
  [{ type: "read-only", network_access: true }, '{"type":"read-only","network_access":true}'],
  [{ type: "external-sandbox" }, '{"type":"external-sandbox","network_access":"restricted"}'],
  [
    { type: "workspace-write", future: 1 },
    '{"type":"workspace-write","network_access":false,"exclude_tmpdir_env_var":false,"exclude_slash_tmp":false}',
  ],
  [
    {
      type: "workspace-write",
      exclude_slash_tmp: true,
      network_access: true,
      writable_roots: ["/a"],
    },
    '{"type":"workspace-write","writable_roots":["/a"],"network_access":true,"exclude_tmpdir_env_var":false,"exclude_slash_tmp":true}',
  ],
])("[protocol/P39] %j is written as %s", (received, text) => {
  const policy = readSandboxPolicy(received);
  expect(policy && JSON.stringify(toWireSandboxPolicy(policy))).toBe(text);
});

test("[protocol/P39] defaults are filled in, and are the same list for nobody to change", () => {
  const policy = readSandboxPolicy({ type: "workspace-write" });
  expect(policy).toHaveProperty("writable_roots", []);
  const roots = policy?.type === "workspace-write" ? policy.writable_roots : [];
  expect(() => (roots as string[]).push("/etc")).toThrow(TypeError);
  expect(readSandboxPolicy({ type: "moon" })).toBeUndefined();
  expect(readSandboxPolicy({ type: "read-only", network_access: "yes" })).toBeUndefined();
});

test("approval policies are names or a granular choice", () => {
  expect(readAskForApproval("on-failure")).toBe("on-failure");
  expect(readAskForApproval("sometimes")).toBeUndefined();
  const granular = { sandbox_approval: true, rules: false, mcp_elicitations: true };
  expect(readAskForApproval({ granular })).toEqual({
    granular: { ...granular, skill_approval: false, request_permissions: false },
  });
  expect(readAskForApproval({ granular: {} })).toBeUndefined();
  expect(readApprovalsReviewer("guardian_subagent")).toBe("auto_review");
  expect(readApprovalsReviewer("robot")).toBeUndefined();
});

test.each(["pending_init", { completed: null }, { completed: "done" }, { errored: "no" }])(
  "the agent status %j",
  (status) => {
    expect(readAgentStatus(status)).toBe(status);
  },
);

test.each([
  "sleeping",
  { errored: null },
  { completed: 1 },
  { completed: "a", errored: "b" },
  null,
])("no agent status: %j", (status) => {
  expect(readAgentStatus(status)).toBeUndefined();
});
