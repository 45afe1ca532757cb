// Packs every package, installs the tarballs with npm into an empty directory, and uses them there as a consumer would:
// loads every entry, runs the example of every README as it is printed, type-checks with and without Node's types.
// Needs the registry for third-party packages, so it is not part of `check`.
//
//   pnpm check:consumers [--node <version>]...    default: the Node of this repository
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
}

interface Example {
  readonly package: string;
  readonly program: string;
  /** What the README says it prints; `undefined` where it says nothing. */
  readonly output: string | undefined;
}

/** Third-party programs and packages that examples use beside ours. */
const COMPANIONS = ["openai", "zod"];

const { values } = parseArgs({ options: { node: { type: "string", multiple: true } } });
const root = resolve(import.meta.dirname, "../..");
const directories = ["packages", "apps"].flatMap((group) =>
  readdirSync(join(root, group)).map((name) => join(root, group, name)),
);
const consumer = mkdtempSync(join(tmpdir(), "codex-ts-consumer-"));

function run(
  command: string,
  commandArguments: readonly string[],
  cwd: string,
  path?: string,
): string {
  const env = path === undefined ? process.env : { ...process.env, PATH: path };
  return execFileSync(command, commandArguments, { cwd, encoding: "utf8", stdio: "pipe", env });
}

/** Code blocks of a README: programs, each with the output block that follows it before the next program. */
function examplesOf(name: string, readme: string): Example[] {
  const blocks = [...readme.matchAll(/^```(ts|text)\n([\s\S]*?)^```$/gm)];
  return blocks.flatMap(([, language, program = ""], index) => {
    if (language !== "ts") return [];
    const next = blocks[index + 1];
    return [{ package: name, program, output: next?.[1] === "text" ? next[2] : undefined }];
  });
}

/** An install line of a README names every package its examples import. */
function checkInstallLine(name: string, readme: string, examples: readonly Example[]): void {
  const installed = new Set(
    [...readme.matchAll(/^npm install ([^#\n]*)/gm)].flatMap(([, list = ""]) => list.split(" ")),
  );
  for (const { program } of examples) {
    for (const [, from = ""] of program.matchAll(/from "([^".][^"]*)"/g)) {
      if (from.startsWith("node:")) continue;
      const imported = from.split("/", from.startsWith("@") ? 2 : 1).join("/");
      if (!installed.has(imported)) {
        throw new Error(`${name}: the README imports ${imported} and does not say to install it`);
      }
    }
  }
}

/** Links of a README lead into its tarball. */
function checkLinks(name: string, readme: string, files: ReadonlySet<string>): void {
  for (const [, target = ""] of readme.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
    if (!/^[a-z]+:/.test(target) && !files.has(join(target))) {
      throw new Error(`${name}: the README links to ${target}, which is not in the tarball`);
    }
  }
}

function nodeOf(version: string): string {
  if (version === "") return process.execPath;
  const name = version.replaceAll(/\W/g, "-");
  const directory = join(consumer, `node-${name}`);
  mkdirSync(directory);
  writeFileSync(join(directory, "package.json"), "{}");
  run("npm", ["install", "--no-audit", "--no-fund", "--silent", `node@${version}`], directory);
  return join(directory, "node_modules", "node", "bin", "node");
}

try {
  const manifests: Manifest[] = [];
  const examples: Example[] = [];
  for (const directory of directories) {
    const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Manifest;
    if (manifest.private) continue;
    manifests.push(manifest);
    run("pnpm", ["pack", "--pack-destination", consumer], directory);
  }
  const tarballs = readdirSync(consumer).filter((file) => file.endsWith(".tgz"));
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ private: true, type: "module" }));
  run(
    "npm",
    ["install", "--no-audit", "--no-fund", ...tarballs.map((file) => `./${file}`), ...COMPANIONS],
    consumer,
  );
  for (const { name } of manifests) {
    const installed = join(consumer, "node_modules", name);
    const readme = readFileSync(join(installed, "README.md"), "utf8");
    const files = new Set(readdirSync(installed, { recursive: true, encoding: "utf8" }));
    if (!files.has("CHANGELOG.md")) throw new Error(`${name}: no CHANGELOG.md in the tarball`);
    checkLinks(name, readme, files);
    const own = examplesOf(name, readme);
    checkInstallLine(name, readme, own);
    examples.push(...own);
  }

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
    const node = nodeOf(version);
    console.log(`node ${run(node, ["--version"], consumer).trim()}`);
    process.stdout.write(run(node, ["load.mjs"], consumer));
    for (const { name, bin } of manifests)
      for (const [command, file] of Object.entries(bin ?? {}))
        console.log(
          `${command}: ${run(node, [join("node_modules", name, file), "--version"], consumer).trim()}`,
        );
    const path = [join(node, ".."), join(consumer, "node_modules", ".bin"), process.env["PATH"]];
    for (const [index, example] of examples.entries()) {
      const file = `example-${index}.ts`;
      writeFileSync(join(consumer, file), example.program);
      const printed = run(node, ["--no-warnings", file], consumer, path.join(delimiter));
      if (example.output !== undefined && printed !== example.output) {
        throw new Error(
          `${example.package}: an example prints\n${printed}\nwhere its README says\n${example.output}`,
        );
      }
      console.log(
        `${example.package}: example ran${example.output === undefined ? "" : ", output as printed"}`,
      );
    }
  }
} finally {
  rmSync(consumer, { recursive: true, force: true });
}
