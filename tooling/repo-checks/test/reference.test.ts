import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { literalsOfType, namesInSection, typesOfUnion, variablesIn } from "../src/code-facts.ts";
import { textFiles } from "../src/files.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const page = (name: string): string => read(`docs/reference/${name}.md`);
const sources = ["packages", "apps"]
  .flatMap((directory) => textFiles(root, directory, ".ts"))
  .filter(({ path }) => /\/src\//.test(path));

/** Set for commands of the model, not read. */
const ONLY_WRITTEN = /^(?:CODEX_CI|CODEX_THREAD_ID|NO_COLOR=1)$/;

describe("environment", () => {
  const listed = [...page("environment").matchAll(/`([A-Z][A-Z0-9_]+)(?:=\w+)?`/g)].map(
    ([, name = ""]) => name,
  );
  const used = sources.flatMap(({ text }) => variablesIn(text));

  test("every variable that is read has an entry", () => {
    const missing = used.filter((name) => !listed.includes(name) && !ONLY_WRITTEN.test(name));
    expect(new Set(missing)).toEqual(new Set());
    expect(new Set(used).size).toBeGreaterThan(30);
  });

  test("every entry is a variable of the programs", () => {
    const texts = sources.map(({ text }) => text).join("\n");
    expect(listed.filter((name) => !new RegExp(`\\b${name}\\b`).test(texts))).toEqual([]);
  });
});

describe("errors", () => {
  const api = read("packages/api/src/errors.ts");
  const provider = read("packages/model-provider/src/errors.ts");
  const core = read("packages/core/src/errors.ts");
  const trace = read("packages/rollout-trace/src/errors.ts");
  const codexErrors = literalsOfType(
    read("packages/api/src/codex-error/codex-error.ts"),
    "CodexErrorCode",
  );
  const failures = read("packages/core/src/attempt/request-failure.ts");
  const classCodes = (source: string): string[] =>
    [...source.matchAll(/readonly code = "(\w+)"/g)].map(([, code = ""]) => code);
  const limits = literalsOfType(core, "TurnLimitCode");
  const credentials = literalsOfType(provider, "CredentialsErrorCode");

  test.each<readonly [string, readonly string[]]>([
    ["### Reasons of a network error", literalsOfType(api, "NetworkErrorReason")],
    ["### Reasons of a broken stream", literalsOfType(api, "StreamErrorReason")],
    ["### Server codes that are final", literalsOfType(api, "FinalServerCode")],
    ["### Errors of an `AuthProvider`", ["build", "transient"]],
    [
      "## Failures of a turn",
      [...codexErrors, ...limits, ...literalsOfType(failures, "RequestFailureCode")],
    ],
    ["## Errors of core", [...literalsOfType(core, "CoreErrorCode"), ...limits]],
    [
      "### Reasons of a refused refresh",
      literalsOfType(
        read("packages/model-provider/src/auth/refresh-error.ts"),
        "RefreshFailureReason",
      ),
    ],
    [
      "### Reasons of a failed login",
      literalsOfType(
        read("packages/model-provider/src/login/login-error.ts"),
        "LoginFailureReason",
      ),
    ],
    [
      "### Problems of a bundle",
      literalsOfType(read("packages/rollout-trace/src/reader/problem.ts"), "TraceProblemCode"),
    ],
    [
      "## Errors of identifiers",
      literalsOfType(read("packages/protocol/src/errors.ts"), "ProtocolErrorCode"),
    ],
    [
      "## Errors of the test server",
      literalsOfType(read("packages/responses-server/src/errors.ts"), "ResponsesServerErrorCode"),
    ],
  ])("%s", (heading, codes) => {
    expect(codes.length).toBeGreaterThan(1);
    expect(codesIn(heading)).toEqual(new Set(codes));
  });

  test("sections with others inside them", () => {
    const inner = (...headings: string[]) => headings.flatMap((each) => [...codesIn(each)]);
    expect(codesIn("## Errors of the transport")).toEqual(
      new Set([
        ...classCodes(api),
        ...inner(
          "### Reasons of a network error",
          "### Reasons of a broken stream",
          "### Server codes that are final",
          "### Errors of an `AuthProvider`",
        ),
      ]),
    );
    expect(codesIn("## Errors of providers and logins")).toEqual(
      new Set([
        ...literalsOfType(provider, "ProviderErrorCode"),
        ...credentials,
        ...inner("### Reasons of a refused refresh", "### Reasons of a failed login"),
      ]),
    );
    expect(codesIn("## Errors of traces")).toEqual(
      new Set([...classCodes(trace), ...inner("### Problems of a bundle")]),
    );
  });

  /** Names of codes, not of classes. */
  function codesIn(heading: string): Set<string> {
    return new Set(namesInSection(page("errors"), heading));
  }
});

describe("events", () => {
  const turn = read("packages/core/src/events/turn-event.ts");

  test.each([
    [
      "## Stream events",
      typesOfUnion(read("packages/protocol/src/response-event.ts"), "ResponseEvent"),
    ],
    ["## Turn events", typesOfUnion(turn, "TurnEvent")],
  ])("%s: every event has a row and an example", (heading, types) => {
    expect(types.length).toBeGreaterThan(14);
    expect(new Set(namesInSection(page("events"), heading))).toEqual(new Set(types));
    // No tool of today updates an item.
    for (const type of types.filter((each) => each !== "itemUpdated"))
      expect(page("events")).toContain(`\n{"type":"${type}"`);
  });

  test("items of a turn", () => {
    const [, listed = ""] = /^Items: (.*)$/m.exec(page("events")) ?? [];
    const names = [...listed.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect(new Set(names)).toEqual(new Set(typesOfUnion(turn, "TurnItem")));
  });
});

describe("trace format", () => {
  const format = "packages/rollout-trace/src/format";
  const payload = read(`${format}/payload.ts`);

  test.each([
    ["## Events", typesOfUnion(read(`${format}/raw-event.ts`), "RawTraceEventPayload")],
    [
      "### Kinds of payloads",
      [...literalsOfType(payload, "PayloadKind"), ...literalsOfType(payload, "ShardedPayloadKind")],
    ],
    [
      "## State",
      [
        ...membersOf(read("packages/rollout-trace/src/model/trace.ts"), "ReducedTrace"),
        ...membersOf(read("packages/rollout-trace/src/model/session.ts"), "RolloutHeader"),
      ],
    ],
  ])("%s", (heading, names) => {
    expect(names.length).toBeGreaterThan(10);
    expect(new Set(namesInSection(page("trace-format"), heading))).toEqual(new Set(names));
  });

  test("lines of session files", () => {
    const entries = typesOfUnion(read("packages/protocol/src/rollout-line.ts"), "RolloutEntry");
    expect(new Set(namesInSection(page("trace-format"), "## Session files"))).toEqual(
      new Set(entries.filter((type) => type !== "other")),
    );
  });

  function membersOf(source: string, name: string): string[] {
    const body = new RegExp(String.raw`export interface ${name}\b[^{]*\{([\s\S]*?)^\}`, "m").exec(
      source,
    )?.[1];
    return [...(body ?? "").matchAll(/^ {2}readonly (\w+)/gm)].map(([, member = ""]) => member);
  }
});

test("facts are read from sources and pages", () => {
  const source = `export type A = "x" /* "no" */ | "y";

export type B =
  | { readonly type: "one"; readonly inner: { readonly type: "no" } }
  | {
      // "no"
      readonly type: "two" | "three";
    };
`;
  expect(literalsOfType(source, "A")).toEqual(["x", "y"]);
  expect(typesOfUnion(source, "B")).toEqual(["one", "two", "three"]);
  expect(variablesIn('env["TERM"] + "CODEX_X" + `NO_PROXY`')).toEqual([
    "TERM",
    "CODEX_X",
    "NO_PROXY",
  ]);
  const text =
    "# P\n\n## One\n\n| code |\n| `a`, `b` | `c` |\n\n### In\n\n| `d` | x |\n\n## Two\n\n| `e` |\n";
  expect(namesInSection(text, "## One")).toEqual(["a", "b", "d"]);
});
