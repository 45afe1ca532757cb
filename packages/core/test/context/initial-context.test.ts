import { describe, expect, test } from "vitest";
import { environmentContext } from "../../src/context/environment-context.ts";
import { initialContext } from "../../src/context/initial-context.ts";
import { compatibilityProfile } from "@codex-ts/core";
import type { ContextFacts } from "../../src/context/context-sections.ts";
import { localDate, systemTimezone } from "../../src/context/local-time.ts";

const context: ContextFacts = {
  form: compatibilityProfile("0.140").context,
  protectedFolders: [".git", ".agents", ".codex"],
  cwd: "/work space/<a>",
  shell: "/bin/bash",
  sandboxMode: "danger-full-access",
  approvalPolicy: "never",
  canAsk: false,
  currentDate: "2026-11-20",
  timezone: "Etc/UTC",
  includePermissionsInstructions: false,
  workspaceWrite: {},
  developerInstructions: undefined,
  userInstructions: undefined,
  skills: [],
  deferredTools: {},
  newModelInstructions: undefined,
  mode: { kind: "default" } as const,
  agents: undefined,
};

describe("the first context of a thread", () => {
  test("[core/E1] is one user message with the environment, as the reference client writes it", () => {
    expect(initialContext(context).map(({ item }) => item)).toEqual([
      {
        type: "message",
        role: "user",
        content: [
          {
            type: "input_text",
            text: [
              "<environment_context>",
              "  <cwd>/work space/&lt;a&gt;</cwd>",
              "  <shell>bash</shell>",
              "  <current_date>2026-11-20</current_date>",
              "  <timezone>Etc/UTC</timezone>",
              '  <filesystem><workspace_roots><root>/work space/&lt;a&gt;</root></workspace_roots><permission_profile type="disabled"><file_system type="unrestricted" /></permission_profile></filesystem>',
              "</environment_context>",
            ].join("\n"),
          },
        ],
      },
    ]);
  });

  test("[core/E2] puts developer sections before the user's, each as a part of its own", () => {
    const [developer, user] = initialContext({
      ...context,
      includePermissionsInstructions: true,
      developerInstructions: "Be kind.",
      userInstructions: "Use tabs.",
    });
    expect(developer?.item.role).toBe("developer");
    expect(developer?.item.content).toMatchObject([
      { text: expect.stringMatching(/^<permissions instructions>\n.*danger-full-access/) },
      { text: "Be kind." },
    ]);
    expect(user?.item.content).toMatchObject([
      {
        text: "# AGENTS.md instructions for /work space/<a>\n\n<INSTRUCTIONS>\nUse tabs.\n</INSTRUCTIONS>",
      },
      { text: expect.stringMatching(/^<environment_context>/) },
    ]);
  });

  test("[core/V3] orders the developer's sections as the profile says, and says what each part is", () => {
    const [developer, user] = initialContext({
      ...context,
      form: compatibilityProfile("0.171").context,
      includePermissionsInstructions: true,
      developerInstructions: "Be kind.",
      userInstructions: "Use tabs.",
    });
    expect(developer?.item.content[0]).toMatchObject({ text: "Be kind." });
    expect(developer?.contentKinds).toEqual([
      "generic.developer_instructions",
      "permissions.instructions",
    ]);
    expect(user?.contentKinds).toEqual([
      "agents_md.instructions",
      "environments.environment_context",
    ]);
  });

  test("[core/I7] the user's own file alone belongs to no directory", () => {
    const headings = [true, false].map((hasProjectFiles) => {
      const userInstructions = { text: "Use tabs.", hasProjectFiles };
      const part = initialContext({ ...context, userInstructions }).at(-1)?.item.content[0];
      return part?.type === "input_text" ? part.text.split("\n")[0] : undefined;
    });
    expect(headings).toEqual([
      "# AGENTS.md instructions for /work space/<a>",
      "# AGENTS.md instructions",
    ]);
  });

  test("[core/E3] shows what a confined command may touch", () => {
    const text = environmentContext({ ...context, cwd: "/w", sandboxMode: "workspace-write" });
    const entries = [...text.matchAll(/<entry access="(\w+)"><\w+>([^<]*)/g)].map((match) => [
      match[1],
      match[2],
    ]);
    expect(entries).toEqual([
      ["read", ":root"],
      ["write", "/w"],
      ["write", ":slash_tmp"],
      ["write", ":tmpdir"],
      ["read", "/w/.git"],
      ["read", "/w/.agents"],
      ["read", "/w/.codex"],
    ]);
    expect(environmentContext({ ...context, sandboxMode: "read-only" })).toContain(
      'type="managed"><file_system type="restricted"><entry access="read"><special>:root</special></entry></file_system>',
    );
  });

  test("[core/E4] gives the day and the name of the user's zone", () => {
    const lateEvening = Date.UTC(2026, 10, 20, 23, 30);
    const before = process.env["TZ"];
    try {
      for (const [zone, day] of [
        ["Asia/Tokyo", "2026-11-21"],
        ["America/Lima", "2026-11-20"],
      ] as const) {
        process.env["TZ"] = zone;
        expect(localDate(lateEvening)).toBe(day);
        expect(systemTimezone({ TZ: zone })).toBe(zone);
      }
    } finally {
      if (before === undefined) delete process.env["TZ"];
      else process.env["TZ"] = before;
    }
    for (const odd of [undefined, "", "<+03>-3", "EST5EDT,M3.2.0"]) {
      expect(systemTimezone({ TZ: odd })).toMatch(/^[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)*$/);
    }
  });
});
