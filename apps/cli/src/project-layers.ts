import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ConfigTable } from "./config-overrides.ts";
import { clipId } from "./render/clip.ts";

/** A configuration file of a project, its keys that are taken, and those that are not. */
interface ProjectFile {
  readonly source: string;
  readonly table: ConfigTable;
  /** Keys that a project may not set. */
  readonly ignored: readonly string[];
}

/** The configuration files of a project, and whether they are trusted. */
interface ProjectFiles {
  /** The outermost first; none where nobody trusts the project. */
  readonly files: readonly ProjectFile[];
  /** A file that was not read, because nobody trusts the project. */
  readonly untrusted: string | undefined;
}

const DEFAULT_MARKERS = [".git"];

/**
 * Keys that decide where requests go, with which credentials, and what is reported to whom: a repository, into which others write,
 * must not decide that. Servers of `mcp_servers` run all the same, as in Codex: that is what trust is asked for. Source:
 * docs/behavior/core.md 6.4.
 */
const USER_KEYS: ReadonlySet<string> = new Set(
  `chatgpt_base_url cli_auth_credentials_store forced_chatgpt_workspace_id forced_login_method
  model_catalog_json model_provider model_providers notify openai_base_url oss_provider otel profile profiles
  projects rollout_trace shell_environment_policy`.split(/\s+/),
);

/**
 * Reads `.codex/config.toml` of the project's root and of every directory between it and `cwd`. `user` holds what the
 * layers of the user say: trust in the project, and the names that mark its root.
 */
export function readProjectFiles(
  { cwd, home, user }: { readonly cwd: string; readonly home: string; readonly user: ConfigTable },
  readTable: (file: string) => ConfigTable | undefined,
): ProjectFiles {
  const directories = projectDirectories(cwd, markersOf(user));
  const sources = directories
    .filter((directory) => join(directory, ".codex") !== home)
    .map((directory) => join(directory, ".codex", "config.toml"))
    .filter((file) => existsSync(file));
  const isTrusted = [cwd, directories[0] ?? cwd].some((path) => isTrustedPath(user, path));
  if (!isTrusted) return { files: [], untrusted: sources[0] };
  return {
    untrusted: undefined,
    files: sources.map((source) => {
      const table = readTable(source) ?? {};
      const entries = Object.entries(table);
      return {
        source,
        table: Object.fromEntries(entries.filter(([key]) => !USER_KEYS.has(key))),
        ignored: entries.map(([key]) => key).filter((key) => USER_KEYS.has(key)),
      };
    }),
  };
}

/** Warnings about files that are not used, or not wholly. */
export function projectWarnings({ files, untrusted }: ProjectFiles, cwd: string): string[] {
  const ignored = files
    .filter((file) => file.ignored.length > 0)
    .map(
      ({ source, ignored: keys }) =>
        `${source}: a project may not set ${keys.map(clipId).join(", ")}: put that into config.toml of $CODEX_HOME`,
    );
  if (untrusted === undefined) return ignored;
  return [
    `${untrusted} is not used: nobody trusts this project. To use it, write [projects.${JSON.stringify(cwd)}] with trust_level = "trusted" into config.toml of $CODEX_HOME`,
  ];
}

/** From the root of the project to `cwd`; `cwd` alone where no directory above it is a root. */
function projectDirectories(cwd: string, markers: readonly string[]): readonly string[] {
  const directories: string[] = [];
  for (let current = cwd; ; current = dirname(current)) {
    directories.unshift(current);
    if (markers.some((marker) => existsSync(join(current, marker)))) return directories;
    if (dirname(current) === current) return [cwd];
  }
}

function markersOf(user: ConfigTable): readonly string[] {
  const markers = user["project_root_markers"];
  return Array.isArray(markers)
    ? markers.filter((marker) => typeof marker === "string")
    : DEFAULT_MARKERS;
}

function isTrustedPath(user: ConfigTable, path: string): boolean {
  const projects = user["projects"] as Readonly<Record<string, unknown>> | undefined;
  if (typeof projects !== "object" || projects === null || !Object.hasOwn(projects, path)) {
    return false;
  }
  const project = projects[path] as { readonly trust_level?: unknown } | null;
  return project?.trust_level === "trusted";
}
