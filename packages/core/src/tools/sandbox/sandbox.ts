import type { SandboxMode } from "../../policies.ts";
import { CONFINING_ARGUMENTS, confined } from "./confined-command.ts";
import { findBubblewrap } from "./find-bubblewrap.ts";
import { makePlaceholders } from "./placeholders.ts";
import { mountPlan, writableRoots } from "./writable-roots.ts";
import type { SandboxSettings } from "./writable-roots.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A command as it is started in its sandbox. */
export interface SandboxedCommand {
  readonly command: readonly string[];
  /** Variables that tell a command about its sandbox. */
  readonly environment: Readonly<Record<string, string>>;
  /** To be called when the command has ended. */
  release(): Promise<void>;
}

/** A sandbox that cannot be: why, in a sentence for the user. */
export interface NoSandbox {
  readonly problem: string;
}

/**
 * Puts a command into the sandbox of its mode. Commands of `danger-full-access` stay as they are; those of the other modes never run
 * without.
 */
export async function sandboxed(
  command: readonly string[],
  facts: {
    readonly settings: SandboxSettings;
    readonly sandboxMode: SandboxMode;
    /** Working directory of the turn. */
    readonly cwd: string;
    /** Working directory of the command. */
    readonly directory: string;
    readonly env: Environment;
  },
): Promise<SandboxedCommand | NoSandbox> {
  const { settings, sandboxMode } = facts;
  if (sandboxMode === "danger-full-access") {
    return { command, environment: {}, release: () => Promise.resolve() };
  }
  const bubblewrap = await findBubblewrap(facts.env["PATH"]);
  if (bubblewrap.path === undefined) return { problem: bubblewrap.problem };
  const plan = await mountPlan(writableRoots(settings, facts), settings.protectedFolders);
  if (plan.link !== undefined) {
    return {
      problem: `\`${plan.link}\` is a link, which the sandbox cannot keep from being replaced; put the directory in its place`,
    };
  }
  const hasNetwork =
    sandboxMode === "workspace-write" && settings.workspaceWrite.networkAccess === true;
  const release = await makePlaceholders({ missing: plan.missing, existing: plan.protected });
  const readOnly = plan.protected.flatMap((path) => ["--ro-bind", path, path]);
  const empty = plan.missing.flatMap((path) => ["--tmpfs", path, "--remount-ro", path]);
  return {
    command: confined(command, {
      ...bubblewrap,
      hasNetwork,
      arguments: [
        ...CONFINING_ARGUMENTS,
        ...plan.writable.flatMap((path) => ["--bind", path, path]),
        ...readOnly,
        ...empty,
        "--chdir",
        facts.directory,
      ],
    }),
    environment: hasNetwork ? {} : { CODEX_SANDBOX_NETWORK_DISABLED: "1" },
    release,
  };
}
