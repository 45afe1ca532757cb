import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

const page = read("docs/reference/configuration.md");
const schema = read("apps/cli/src/config-schema.ts");
const [tables = "", accepted = ""] = page.split("## Accepted, no effect");
const documented = [...tables.matchAll(/^\| `([a-z_]+)`/gm)].map((match) => match[1] ?? "");

test("every key the command line and provider tables use has an entry in the reference, and no other", () => {
  const servers = read("apps/cli/src/mcp-servers.ts");
  const providers = read("packages/model-provider/src/provider-schema.ts");
  const keys = [
    ...[...schema.matchAll(/^ {2}(\w+): z\./gm)].map((match) => match[1] ?? ""),
    ...[
      ...providers.matchAll(/\b(\w+): (?:z\.[a-z]|wholeNumber|stringTable|authTable|awsTable)/g),
    ].map((match) => match[1] ?? ""),
    ...[...servers.matchAll(/^ {2}(\w+): z\./gm)].map((match) => match[1] ?? ""),
  ].filter((key) => key !== "model_providers" && key !== "mcp_servers");
  expect(keys.length).toBeGreaterThan(40);
  expect(documented.toSorted()).toEqual(keys.toSorted());
});

test("every key of Codex that is accepted without effect is listed as that", () => {
  const codexOnly = /CODEX_ONLY_KEYS: [^`]*`([^`]*)`/.exec(schema)?.[1]?.trim().split(/\s+/) ?? [];
  const listed = [...accepted.matchAll(/`([a-z_0-9]+)`/g)].map((match) => match[1] ?? "");
  expect(codexOnly.length).toBeGreaterThan(40);
  expect(listed).toEqual(codexOnly.toSorted());
});

test("the entry of feature switches names each that is used", () => {
  const features = read("apps/cli/src/features-in-use.ts");
  const used = [...features.matchAll(/^ {2}(\w+): (?:true|false),$/gm)].map((match) => match[1]);
  const entry = /^\| `features`.*$/m.exec(tables)?.[0] ?? "";
  expect(used.length).toBeGreaterThan(5);
  for (const name of used) expect(entry).toMatch(new RegExp(`\\b${name}\\b`));
});
