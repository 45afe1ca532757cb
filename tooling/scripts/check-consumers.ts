// Packs every package, installs the tarballs with npm into an empty directory, and uses them there as a consumer would:
// loads every entry, runs the command line and its quick start, runs the examples of every README as they are printed, type-checks with and
// without Node's types. Needs the registry for third-party packages and further versions of Node.
//
//   pnpm check:consumers [--node <version>]...    default: the Node of this repository
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { type Manifest, REPOSITORY, readPackages } from "../release/src/packages.ts";
import { checkQuickStart } from "./quick-start.ts";
import { checkInstallLine, checkLinks, examplesOf, type Example } from "./readme-examples.ts";

/** Third-party packages that examples use beside ours. */
const COMPANIONS = ["openai", "zod"];

const { values } = parseArgs({ options: { node: { type: "string", multiple: true } } });
const scratch = mkdtempSync(join(tmpdir(), "codex-ts-consumers-"));

/** An empty directory with the tarballs installed, and the programs that its user runs. */
class Consumer {
  readonly directory: string;
  /** The home of Codex of its user. */
  readonly home: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(name: string, node: string, packages: readonly string[]) {
    this.directory = newDirectory(`consumer-${name}`, { private: true, type: "module" });
    this.home = newDirectory(`codex-home-${name}`);
    const path = [dirname(node), join(this.directory, "node_modules", ".bin")];
    this.#env = {
      ...process.env,
      PATH: [...path, process.env["PATH"]].join(delimiter),
      // Not the configuration and the login of whoever runs this.
      CODEX_HOME: this.home,
    };
    this.run("npm", ["install", "--no-audit", "--no-fund", ...packages]);
  }

  /** What a program that is given `input` prints to stdout. Throws with its stderr when it fails or hangs. */
  run(command: string, commandArguments: readonly string[] = [], input = ""): string {
    const { directory: cwd } = this;
    const limits = { timeout: 300_000, maxBuffer: 64 * 1024 * 1024, input };
    const options = { cwd, encoding: "utf8", stdio: "pipe", env: this.#env, ...limits } as const;
    return execFileSync(command, commandArguments, options);
  }

  write(file: string, content: string): void {
    writeFileSync(join(this.directory, file), content);
  }
}

function newDirectory(name: string, manifest?: object): string {
  const directory = join(scratch, name);
  mkdirSync(directory);
  if (manifest) writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
  return directory;
}

function packAll(): { readonly manifests: readonly Manifest[]; readonly tarballs: string[] } {
  const packed = newDirectory("packed");
  const packages = readPackages(REPOSITORY);
  for (const { directory } of packages) {
    const cwd = join(REPOSITORY, directory);
    execFileSync("pnpm", ["pack", "--pack-destination", packed], { cwd });
  }
  const manifests = packages.map(({ manifest }) => manifest);
  return { manifests, tarballs: readdirSync(packed).map((file) => join(packed, file)) };
}

function nodeOf(version: string): string {
  if (version === "") return process.execPath;
  const directory = newDirectory(`node-${version}`, {});
  const install = ["install", "--no-audit", "--no-fund", "--silent", `node@${version}`];
  execFileSync("npm", install, { cwd: directory });
  return join(directory, "node_modules", "node", "bin", "node");
}

/** Examples of the root's README and of every package's, as they are installed. */
function checkReadmes(consumer: Consumer, manifests: readonly Manifest[]): Example[] {
  const readme = readFileSync(join(REPOSITORY, "README.md"), "utf8");
  const examples = examplesOf("README.md", readme);
  checkInstallLine("README.md", readme, examples);
  for (const { name } of manifests) {
    const installed = join(consumer.directory, "node_modules", name);
    const text = readFileSync(join(installed, "README.md"), "utf8");
    const files = new Set(readdirSync(installed, { recursive: true, encoding: "utf8" }));
    if (!files.has("CHANGELOG.md")) throw new Error(`${name}: no CHANGELOG.md in the tarball`);
    checkLinks(name, text, files);
    const own = examplesOf(name, text);
    checkInstallLine(name, text, own);
    examples.push(...own);
  }
  return examples;
}

/** Every entry of the packages that programs import. */
function entriesOf(manifests: readonly Manifest[]): readonly string[] {
  return manifests.flatMap(({ name, exports = {} }) =>
    Object.keys(exports)
      .filter((key) => !key.endsWith(".json"))
      .map((key) => name + key.slice(1)),
  );
}

function checkEntries(consumer: Consumer, entries: readonly string[]): void {
  consumer.write(
    "load.mjs",
    `import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
for (const entry of ${JSON.stringify(entries)}) {
  const imported = Object.keys(await import(entry)).filter((name) => name !== "default").length;
  const required = Object.keys(require(entry)).length;
  if (imported === 0 || required === 0) throw new Error(entry + " exports nothing");
}
`,
  );
  consumer.run("node", ["load.mjs"]);
  console.log(`  ${entries.length} entries load`);
}

function checkCommands(consumer: Consumer, manifests: readonly Manifest[]): void {
  for (const command of manifests.flatMap(({ bin = {} }) => Object.keys(bin))) {
    const version = consumer.run(command, ["--version"]).trim();
    consumer.run(command);
    console.log(`  ${command} ${version} runs its demo`);
  }
}

function checkExamples(consumer: Consumer, examples: readonly Example[]): void {
  for (const [index, { source, program, output }] of examples.entries()) {
    const file = `example-${index}.ts`;
    consumer.write(file, program);
    const printed = consumer.run("node", [file]);
    if (output !== printed) {
      throw new Error(`${source}: an example prints\n${printed}\nwhere the README says\n${output}`);
    }
    console.log(`  ${source}: example ran, output as printed`);
  }
}

/**
 * What the READMEs say about types: without those of Node nothing is wrong in our declarations, and no error reaches
 * a consumer who leaves libraries unchecked; with them, everything is checked, and the examples compile.
 */
function checkTypes(consumer: Consumer, entries: readonly string[], examples: number): void {
  if (existsSync(join(consumer.directory, "node_modules/@types/node"))) {
    throw new Error("the packages bring @types/node along, so nothing shows what happens without");
  }
  const all = entries.map((entry, index) => `export * as e${index} from "${entry}";`);
  consumer.write("entries.ts", all.join("\n"));
  for (const target of ["es2022", "esnext"]) {
    const errors = typeErrors(consumer, { target, skipLibCheck: true }, ["entries.ts"]);
    if (errors !== "") throw new Error(`types without @types/node, ${target}:\n${errors}`);
  }
  const unchecked = typeErrors(consumer, { target: "esnext", skipLibCheck: false }, ["entries.ts"]);
  const own = unchecked.split("\n").filter((line) => /^(?:entries|node_modules.@codex)/.test(line));
  if (own.length > 0) throw new Error(`types without @types/node:\n${own.join("\n")}`);

  consumer.run("npm", ["install", "--no-audit", "--no-fund", "@types/node@22"]);
  const files = Array.from({ length: examples }, (_, index) => `example-${index}.ts`);
  const strict = { target: "es2022", skipLibCheck: false, types: ["node"] };
  const errors = typeErrors(consumer, strict, ["entries.ts"]);
  if (errors !== "") throw new Error(`types with @types/node:\n${errors}`);
  const ofExamples = typeErrors(
    consumer,
    { ...strict, target: "esnext", skipLibCheck: true },
    files,
  );
  if (ofExamples !== "") throw new Error(`types of the examples:\n${ofExamples}`);
  console.log("  types: entries with and without @types/node, examples");
}

function typeErrors(consumer: Consumer, options: object, files: readonly string[]): string {
  const compilerOptions = { noEmit: true, strict: true, module: "nodenext", ...options };
  consumer.write("tsconfig.json", JSON.stringify({ compilerOptions, files }));
  try {
    return consumer.run(join(REPOSITORY, "node_modules", ".bin", "tsc"), ["--pretty", "false"]);
  } catch (error) {
    const printed = error instanceof Error && "stdout" in error ? error.stdout : undefined;
    if (typeof printed === "string" && printed !== "") return printed;
    throw error;
  }
}

try {
  const { manifests, tarballs } = packAll();
  const entries = entriesOf(manifests);
  for (const [index, version] of (values.node ?? [""]).entries()) {
    const node = nodeOf(version);
    const consumer = new Consumer(String(index), node, [...tarballs, ...COMPANIONS]);
    console.log(`node ${consumer.run("node", ["--version"]).trim()}`);
    const examples = checkReadmes(consumer, manifests);
    checkEntries(consumer, entries);
    checkCommands(consumer, manifests);
    checkExamples(consumer, examples);
    await checkQuickStart(consumer, node);
    // Compilers do not care which Node runs the result.
    if (index === 0) checkTypes(consumer, entries, examples.length);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
