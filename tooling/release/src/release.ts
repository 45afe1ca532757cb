// Releases every package whose version has no tag yet: checks, versions from changesets, build, pack, publish, tags.
//
//   pnpm release             says what would be published, and changes nothing (--dry-run)
//   pnpm release --publish   publishes, after versions were committed and the checks have passed
//
// A dry run works in a clone of HEAD. The order, and what to do when something fails half way: docs/releasing.md.
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { releaseNotes } from "./changelog.ts";
import { readPackages, REPOSITORY, type Package } from "./packages.ts";
import { run, runVisibly } from "./run.ts";
import { applyVersions, hasChangesets } from "./versions.ts";

const { values } = parseArgs({
  options: {
    "dry-run": { type: "boolean", default: false },
    publish: { type: "boolean", default: false },
    "skip-checks": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

const HELP = `Usage: pnpm release [--dry-run | --publish] [--skip-checks]

  --dry-run      default: prints what would be published, with sizes and changelogs; changes nothing
  --publish      commits versions, publishes every package whose version has no tag, tags it
  --skip-checks  dry run only: without tests and checks
`;

function release(): void {
  if (values.help) return void process.stdout.write(HELP);
  if (values.publish && values["dry-run"]) throw new Error("choose --dry-run or --publish");
  if (values.publish && values["skip-checks"]) {
    throw new Error("nothing is published without its checks: leave --skip-checks out");
  }
  refuseDirtyTree();
  if (values.publish) return publish(REPOSITORY);
  const scratch = mkdtempSync(join(tmpdir(), "codex-ts-release-"));
  try {
    const clone = join(scratch, "clone");
    run("git", ["clone", "--quiet", "--no-hardlinks", REPOSITORY, clone], REPOSITORY);
    runVisibly("pnpm", ["install", "--frozen-lockfile", "--prefer-offline", "--silent"], clone);
    dryRun(clone, scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function refuseDirtyTree(): void {
  const changes = run("git", ["status", "--porcelain"], REPOSITORY);
  if (changes === "") return;
  throw new Error(`the working tree has changes; commit or stash them first:\n${changes}`);
}

function dryRun(root: string, scratch: string): void {
  if (hasChangesets(root)) applyVersions(root);
  if (!values["skip-checks"]) runChecks(root);
  const pending = unreleased(root);
  build(root);
  for (const { entry, tarball } of packAll(root, pending, scratch)) {
    console.log(describe(root, entry, tarball));
    run("npm", ["publish", "--dry-run", tarball], scratch);
  }
  console.log(summary(pending, "would be published"));
}

function publish(root: string): void {
  if (hasChangesets(root)) {
    applyVersions(root);
    const list = unreleased(root).map(({ manifest }) => `${manifest.name} ${manifest.version}`);
    run("git", ["add", "--all"], root);
    run("git", ["commit", "--quiet", "-m", `Release ${list.join(", ")}`], root);
  }
  runChecks(root);
  const pending = unreleased(root);
  build(root);
  const scratch = mkdtempSync(join(tmpdir(), "codex-ts-release-"));
  try {
    for (const { entry, tarball } of packAll(root, pending, scratch)) {
      console.log(describe(root, entry, tarball));
      runVisibly("npm", ["publish", tarball], scratch);
      // Tagged one by one: after a failure the next run goes on with what is left.
      run("git", ["tag", "--annotate", tagOf(entry), "-m", notes(root, entry)], root);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  console.log(summary(pending, "published; push the commit and its tags"));
}

function runChecks(root: string): void {
  runVisibly("pnpm", ["test"], root);
  runVisibly("pnpm", ["run", "check"], root);
  runVisibly("pnpm", ["run", "check:consumers"], root);
}

function build(root: string): void {
  run("pnpm", ["run", "build"], root);
}

function unreleased(root: string): readonly Package[] {
  const tags = new Set(run("git", ["tag", "--list"], root).split("\n"));
  return readPackages(root).filter((entry) => !tags.has(tagOf(entry)));
}

function packAll(
  root: string,
  packages: readonly Package[],
  into: string,
): readonly { readonly entry: Package; readonly tarball: string }[] {
  return packages.map((entry) => {
    const { name, version } = entry.manifest;
    run("pnpm", ["pack", "--pack-destination", into], join(root, entry.directory));
    return { entry, tarball: join(into, `${name.slice(1).replace("/", "-")}-${version}.tgz`) };
  });
}

function describe(root: string, entry: Package, tarball: string): string {
  const files = run("tar", ["-tzf", tarball], root).trim().split("\n").length;
  const kib = (statSync(tarball).size / 1024).toFixed(1);
  return `\n# ${tagOf(entry)}: ${kib} KiB packed, ${files} files\n\n${notes(root, entry)}`;
}

function notes(root: string, { directory, manifest }: Package): string {
  return releaseNotes(
    readFileSync(join(root, directory, "CHANGELOG.md"), "utf8"),
    manifest.version,
  );
}

function tagOf({ manifest }: Package): string {
  return `${manifest.name}@${manifest.version}`;
}

function summary(packages: readonly Package[], outcome: string): string {
  if (packages.length === 0) return "\nNothing to release: every version has its tag.";
  return `\n${packages.length} packages ${outcome}: ${packages.map(tagOf).join(", ")}`;
}

try {
  release();
} catch (error) {
  // A failed program has said on stderr what was wrong.
  const said = error instanceof Error && "stderr" in error ? error.stderr : undefined;
  const stderr = typeof said === "string" ? said : "";
  console.error(`release: ${error instanceof Error ? error.message : String(error)}`);
  if (stderr !== "") console.error(stderr);
  process.exitCode = 1;
}
