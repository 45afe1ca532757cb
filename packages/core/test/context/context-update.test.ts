import { describe, expect, test } from "vitest";
import { compatibilityProfile } from "@codex-ts/core";
import type { JsonObject } from "@codex-ts/protocol";
import { messageExchange } from "@codex-ts/responses-server";
import type { ReceivedRequest } from "@codex-ts/responses-server";
import { deferredTools, deferredToolsSection } from "../../src/context/deferred-tools.ts";
import type { DeferredTools } from "../../src/context/deferred-tools.ts";
import type { Tool } from "../../src/tools/tool.ts";
import { contextUpdate } from "../../src/context/context-update.ts";
import { environmentUpdate } from "../../src/context/environment-context.ts";
import { startScene, testModel } from "../support/harness.ts";
import type { SceneOptions } from "../support/harness.ts";
import { blobOf } from "../support/request-shape.ts";

const GENERATIONS = ["0.140", "0.171"] as const;

interface Item extends JsonObject {
  readonly role: string;
  readonly content: { readonly text: string }[];
}

/** What a request shows besides the one before, as `role: text`. */
function news(requests: readonly ReceivedRequest[]): string[] {
  const [before, now] = requests.slice(-2).map(({ body }) => (body as { input: Item[] }).input);
  // The answer stands between the two.
  return (now ?? [])
    .slice((before?.length ?? 0) + 1)
    .flatMap(({ role, content }) => content.map(({ text }) => `${role}: ${text}`));
}

describe.each(GENERATIONS)("what a later turn tells the model, as in %s", (compatibility) => {
  const isLater = compatibility === "0.171";
  const scene = (more: SceneOptions = {}) =>
    startScene(
      ["1", "2", "3", "4"].map((text) => messageExchange(text)),
      { compatibility, ...more },
    );

  test("[core/E5] is nothing where nothing has changed, nor for another effort", async () => {
    await using thread = await scene({ developerInstructions: "Be kind." });
    await thread.turn("one");
    await thread.turn("two", { reasoningEffort: "low" });
    expect(news(thread.server.requests)).toEqual(["user: two"]);
  });

  test("[core/tools-of-model] another model is offered the tools it is made for", async () => {
    await using thread = await scene({ model: testModel({ apply_patch_tool_type: "freeform" }) });
    const other = testModel({ slug: "gpt-other", apply_patch_tool_type: null });
    await thread.turn("one");
    await thread.turn("two", { model: other });
    await thread.turn("three", { model: { ...other, slug: "gpt-code", tool_mode: "code_mode" } });
    await thread.turn("four");
    const offered = thread.server.requests.map(({ body }) => {
      const names = (body as { tools: { name?: string }[] }).tools.map(({ name }) => name);
      return names.filter((name) => name === "apply_patch" || name === "exec");
    });
    expect(offered).toEqual([["apply_patch"], [], ["exec"], ["apply_patch"]]);
  });

  test("[core/E6] another directory: where it is, what may be written there, and in 0.171 whose instructions hold", async () => {
    await using thread = await scene({ userInstructions: "Root." });
    await thread.turn("one");
    const cwd = `${thread.folder}/sub`;
    await thread.turn("two", { cwd, userInstructions: "Sub." });
    await thread.turn("three", { cwd, userInstructions: "Sub." });
    expect(news(thread.server.requests)).toEqual(["user: three"]);
    const [agents, environment, ...rest] = isLater
      ? news(thread.server.requests.slice(0, 2))
      : ["", ...news(thread.server.requests.slice(0, 2))];
    expect(agents).toMatch(
      isLater
        ? /^user: # AGENTS.md instructions for .*\/sub\n\n<INSTRUCTIONS>\n.* take the place of .*\n\nSub\.\n<\/INSTRUCTIONS>$/
        : /^$/,
    );
    expect(environment).toMatch(
      new RegExp(
        `^user: <environment_context>\\n  <cwd>${cwd}</cwd>\\n  <shell>bash</shell>\\n  <current_date>[-0-9]+</current_date>\\n  <timezone>.*</timezone>\\n  <filesystem>.*<root>${cwd}</root>`,
      ),
    );
    expect(rest).toEqual(["user: two"]);
  });

  test("[core/E7] instructions that hold no more are called void in 0.171", async () => {
    await using thread = await scene({ userInstructions: "Root." });
    await thread.turn("one");
    await thread.turn("two", { userInstructions: null });
    const [last, ...before] = news(thread.server.requests).toReversed();
    expect(last).toBe("user: two");
    expect(before.join("\n\n")).toMatch(
      isLater
        ? /^user: # AGENTS.md instructions\n\n<INSTRUCTIONS>\n.*do not apply.*\n<\/INSTRUCTIONS>$/
        : /^$/,
    );
  });

  test("[core/E8] other rights: the permissions, and what of the file system is open", async () => {
    await using thread = await scene({ includePermissionsInstructions: true });
    await thread.turn("one");
    await thread.turn("two", { approvalPolicy: "on-request" });
    expect(news(thread.server.requests)).toEqual([
      expect.stringMatching(/^developer: <permissions instructions>\n[^]*`on-request`/),
      "user: two",
    ]);
    await thread.turn("three", { approvalPolicy: "on-request", sandboxMode: "read-only" });
    expect(news(thread.server.requests)).toEqual([
      expect.stringMatching(/^developer: <permissions instructions>\n[^]*`read-only`/),
      expect.stringMatching(
        /^user: <environment_context>\n  <current_date>.*\n  <timezone>.*\n  <filesystem>.*managed.*\n<\/environment_context>$/,
      ),
      "user: three",
    ]);
    const sandbox = thread.server.requests.map((request) => blobOf(request)["sandbox"]);
    expect(sandbox.slice(0, 2)).toEqual(["none", "none"]);
    expect(sandbox[2]).not.toBe("none");
  });

  test("[core/E9] another model: its instructions, while those of the thread stay what they are", async () => {
    await using thread = await scene();
    await thread.turn("one");
    await thread.turn("two", {
      model: testModel({ slug: "gpt-other", base_instructions: "Be other." }),
    });
    expect(news(thread.server.requests)).toEqual([
      expect.stringMatching(/^developer: <model_switch>\n.*\n\nBe other\.\n<\/model_switch>$/),
      "user: two",
    ]);
    const bodies = thread.server.requests.map(({ body }) => body as { model: string });
    expect(bodies.map(({ model }) => model)).toEqual(["gpt-mock", "gpt-other"]);
    expect(JSON.stringify(bodies[1])).toContain("Follow the script.");
    await thread.turn("three");
    expect(news(thread.server.requests)[0]).toMatch(/<model_switch>\n.*\n\nFollow the script\./);
  });

  test("[core/E10] a directory that does not exist is a path all the same; a relative one is refused", async () => {
    await using thread = await scene();
    expect(() => thread.thread.runTurn("x", { cwd: "sub" })).toThrow(
      /cwd must be an absolute path/,
    );
    expect((await thread.turn("one", { cwd: "/nowhere/at/all" })).at(-1)?.type).toBe(
      "turnCompleted",
    );
  });
});

describe("an update of the context", () => {
  const environment = {
    cwd: "/w",
    shell: "/bin/bash",
    sandboxMode: "danger-full-access",
    currentDate: "2026-11-20",
    timezone: "Etc/UTC",
    protectedFolders: [],
  } as const;

  test("[core/E11] another day is a block of date and zone alone", () => {
    expect(environmentUpdate(environment, { ...environment, currentDate: "2026-11-19" })).toBe(
      "<environment_context>\n  <current_date>2026-11-20</current_date>\n  <timezone>Etc/UTC</timezone>\n</environment_context>",
    );
    expect(environmentUpdate(environment, environment)).toBeUndefined();
  });

  test("[core/E12] takes what is not known of an earlier turn to be the same", () => {
    const known = { ...environment, currentDate: undefined, timezone: undefined };
    expect(environmentUpdate(environment, known)).toBeUndefined();
    const facts = {
      ...environment,
      form: compatibilityProfile("0.171").context,
      approvalPolicy: "never",
      canAsk: false,
      includePermissionsInstructions: true,
      workspaceWrite: {},
      developerInstructions: "Be kind.",
      userInstructions: undefined,
      skills: [{ name: "a", description: "A.", path: "/s/a/SKILL.md", root: "/s" }],
      deferredTools: {},
      newModelInstructions: undefined,
      mode: { kind: "default" } as const,
      agents: undefined,
    } as const;
    const before = {
      ...known,
      turnId: "t",
      model: "m",
      approvalPolicy: "never",
      shell: undefined,
      reasoningEffort: undefined,
      reasoningSummary: "auto",
      userInstructions: undefined,
    } as const;
    expect(contextUpdate(facts, before)).toEqual([]);
    const kinds = (...args: Parameters<typeof contextUpdate>): object =>
      contextUpdate(...args).map(({ contentKinds }) => contentKinds);
    expect(kinds(facts, { ...before, skills: [] })).toEqual([["host_skills.instructions"]]);
    // Instructions of a directory are told again in another one, as their heading names it.
    const told = { userInstructions: "Use tabs." };
    expect(kinds({ ...facts, ...told }, { ...before, ...told })).toEqual([]);
    expect(kinds({ ...facts, ...told }, { ...before, ...told, cwd: "/elsewhere" })).toEqual([
      ["agents_md.instructions", "environments.environment_context"],
    ]);
    // A switch of models is a message of its own; what is news comes in one order.
    const switched = { newModelInstructions: "Be other.", deferredTools: { mcp__a: "" } } as const;
    const other = {
      ...before,
      skills: [],
      sandboxMode: "read-only",
      userInstructions: "Use tabs.",
    };
    expect(kinds({ ...facts, ...switched }, { ...other, mode: { kind: "plan" } } as never)).toEqual(
      [
        ["model_switch.instructions"],
        ["agents_md.instructions"],
        ["host_skills.instructions", "permissions.instructions", "collaboration_mode.instructions"],
        ["environments.environment_context"],
        ["tools.deferred_namespaces"],
      ],
    );
    const unnamed = { ...facts, ...switched, includePermissionsInstructions: false };
    expect(kinds(unnamed, { ...other, mode: { kind: "plan" } } as never)).toEqual([
      ["model_switch.instructions"],
      ["agents_md.instructions"],
      ["collaboration_mode.instructions"],
      ["environments.environment_context"],
      ["tools.deferred_namespaces", "host_skills.instructions"],
    ]);
    const in0140 = { ...facts, ...switched, form: compatibilityProfile("0.140").context };
    expect(kinds(in0140, { ...other, mode: { kind: "plan" } } as never)).toEqual([
      ["model_switch.instructions", "permissions.instructions", "collaboration_mode.instructions"],
      ["environments.environment_context"],
    ]);
  });

  test("[core/tools-found] names the groups of tools that are found by a search, then what changes about them", () => {
    const tool = (name: string, description?: string): Tool => ({
      name: "x",
      namespace: { name, ...(description !== undefined && { description }) },
      kind: "function",
      spec: {},
      parallel: true,
      run: () => Promise.reject(new Error("is not run")),
    });
    const cut = `${"😀".repeat(247)}...`;
    const first = deferredTools([
      tool("mcp__z", " \n\t Use  it & well.\u0001 \r\nThen stop."),
      tool("mcp__b", "😀".repeat(251)),
      tool("mcp__b", "😀".repeat(251)),
      tool("mcp__c", "y".repeat(250)),
      tool("mcp__a"),
    ]);
    expect(Object.entries(first)).toEqual([
      ["mcp__a", ""],
      ["mcp__b", cut],
      ["mcp__c", "y".repeat(250)],
      ["mcp__z", "Use  it & well.\u0001"],
    ]);
    const lines = (now: DeferredTools, known?: DeferredTools): readonly string[] | undefined =>
      deferredToolsSection(now, known)?.split("\n");
    expect(lines({ a: "", b: "B." })).toEqual([
      "<tools>",
      expect.stringMatching(/:$/),
      "- a",
      "- b: B.",
      "</tools>",
    ]);
    expect(lines({ a: "", b: "B." }, { b: "B.", a: "" })).toBeUndefined();
    expect(lines({})).toBeUndefined();
    const changed = lines({ a: "A.", c: "C." }, { a: "", b: "B." });
    expect(changed?.filter((line) => line.startsWith("- "))).toEqual([
      "- a: A.",
      "- c: C.",
      "- b: B.",
    ]);
    expect(changed).toHaveLength(7);
    expect(lines({}, { b: "B." })).toEqual([
      "<tools>",
      expect.stringMatching(/:$/),
      "- b: B.",
      expect.stringMatching(/\.$/),
      "</tools>",
    ]);
  });
});
