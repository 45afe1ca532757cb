// Packs every publishable package, installs the tarballs with npm into an empty directory and loads each one from
// there, as a consumer would. Needs the registry for third-party packages, so it is not part of `check`.
//
//   pnpm check:consumers [--node <version>]...
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
}

const { values } = parseArgs({ options: { node: { type: "string", multiple: true } } });
const folders = ["packages", "apps"].flatMap((group) =>
  readdirSync(group).map((name) => join(group, name)),
);
const consumer = mkdtempSync(join(tmpdir(), "codex-ts-consumer-"));

function run(command: string, commandArguments: readonly string[], cwd: string): string {
  return execFileSync(command, commandArguments, { cwd, encoding: "utf8", stdio: "pipe" });
}

try {
  const manifests: Manifest[] = [];
  for (const folder of folders) {
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
    if (manifest.private) continue;
    manifests.push(manifest);
    run("pnpm", ["pack", "--pack-destination", consumer], resolve(folder));
  }
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const tarballs = readdirSync(consumer).filter((file) => file.endsWith(".tgz"));
  run(
    "npm",
    ["install", "--no-audit", "--no-fund", ...tarballs.map((file) => `./${file}`)],
    consumer,
  );

  const entries = manifests.flatMap(({ name, exports = {} }) =>
    Object.keys(exports)
      .filter((key) => !key.endsWith(".json"))
      .map((key) => name + key.slice(1)),
  );
  writeFileSync(
    join(consumer, "load.mjs"),
    `import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
for (const entry of ${JSON.stringify(entries)}) {
  const imported = Object.keys(await import(entry)).filter((name) => name !== "default").length;
  const required = Object.keys(require(entry)).length;
  if (imported === 0 || required === 0) throw new Error(entry + " exports nothing");
  console.log(entry + ": " + imported + " exports");
}
`,
  );
  for (const version of values.node ?? [""]) {
    const node = version
      ? run(
          "npx",
          ["-y", "-p", `node@${version}`, "--", "node", "-p", "process.execPath"],
          consumer,
        ).trim()
      : process.execPath;
    console.log(`node ${run(node, ["--version"], consumer).trim()}`);
    process.stdout.write(run(node, ["load.mjs"], consumer));
    for (const { name, bin } of manifests)
      for (const [command, file] of Object.entries(bin ?? {}))
        console.log(
          `${command}: ${run(node, [join("node_modules", name, file), "--version"], consumer).trim()}`,
        );
  }
} finally {
  rmSync(consumer, { recursive: true, force: true });
}
