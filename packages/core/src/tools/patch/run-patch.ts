import { readFile } from "node:fs/promises";
import {
  type AllowedPaths,
  appliedSummary,
  type Patch,
  parsePatch,
  PatchError,
  verifyPatch,
  type VerifiedPatch,
} from "@codex-ts/apply-patch";
import type { AppliedChange } from "../../turn/turn-diff.ts";
import { writableRoots } from "../sandbox/writable-roots.ts";
import { ToolError } from "../tool.ts";
import type { ToolCall } from "../tool.ts";
import { PatchReporter } from "./patch-reporter.ts";
import type { PatchSettings } from "./patch-settings.ts";

/** Texts a model and its programs read, the same in Codex. */
const VERIFICATION_FAILED = "apply_patch verification failed: ";
const EMPTY = "patch rejected: empty patch";
const READ_ONLY =
  "patch rejected: writing is blocked by read-only sandbox; rejected by user approval settings";
const OUTSIDE =
  "patch rejected: writing outside of the project; rejected by user approval settings";
const NOBODY_TO_ASK =
  'patch rejected: approval policy `untrusted` has every patch approved first and nobody can be asked here; the user can allow patches with approval_policy = "never"';

/** Reads a patch. Throws a `ToolError` with what is wrong with it. */
export function readPatch(text: string): Patch {
  try {
    return parsePatch(text);
  } catch (error) {
    throw unverified(error);
  }
}

/** Applies a patch from a directory and resolves with the output the model reads. Rejects with a `ToolError`. */
export async function runPatch(
  patch: Patch,
  options: {
    readonly settings: PatchSettings;
    readonly call: ToolCall;
    readonly directory: string;
  },
): Promise<string> {
  const { settings, call } = options;
  const startedMs = settings.now();
  const verified = await verifiedPatch(patch, options);
  if (verified.changes.length === 0) throw new ToolError(EMPTY);
  if (call.sandboxMode === "read-only") throw new ToolError(READ_ONLY);
  if (call.approvalPolicy === "untrusted") throw new ToolError(NOBODY_TO_ASK);
  const reporter = new PatchReporter(call, verified.changes);
  // From here on the patch is written, also when the turn is left: a part of it would be worse.
  call.signal.throwIfAborted();
  reporter.began();
  const changes = await withOverwritten(verified);
  const head = (exitCode: number): string =>
    `Exit code: ${exitCode}\nWall time: ${wallSeconds(settings.now() - startedMs)} seconds\nOutput:\n`;
  try {
    const summary = appliedSummary(await verified.apply());
    reporter.applied(summary);
    await call.report.filesChanged?.(changes);
    return head(0) + summary;
  } catch (error) {
    if (!PatchError.is(error)) throw error;
    reporter.failed(`${error.message}\n`);
    throw new ToolError(`${head(1)}${error.message}\n`);
  }
}

/** The changes with what stands in files that are added although they are there. */
async function withOverwritten({ changes }: VerifiedPatch): Promise<readonly AppliedChange[]> {
  return Promise.all(
    changes.map(async (change): Promise<AppliedChange> => {
      if (change.type !== "add") return change;
      const overwritten = await readFile(change.path, "utf8").catch(() => undefined);
      return overwritten === undefined ? change : { ...change, overwritten };
    }),
  );
}

async function verifiedPatch(
  patch: Patch,
  { settings, call, directory }: Parameters<typeof runPatch>[1],
): Promise<VerifiedPatch> {
  try {
    return await verifyPatch(patch, {
      directory,
      compatibility: settings.patchRules,
      ...allowedPaths(settings, call),
    });
  } catch (error) {
    throw unverified(error);
  }
}

/** Where the sandbox mode lets patches write. `read-only` refuses them by itself. */
function allowedPaths({ env, sandbox }: PatchSettings, call: ToolCall): AllowedPaths {
  if (call.sandboxMode !== "workspace-write") return {};
  const roots = writableRoots(sandbox, { ...call, env });
  return { roots, protectedNames: sandbox.protectedFolders };
}

function unverified(error: unknown): unknown {
  if (!PatchError.is(error)) return error;
  if (error.code === "path_not_allowed") return new ToolError(OUTSIDE);
  return new ToolError(VERIFICATION_FAILED + error.message);
}

/** Seconds with one decimal, none for whole ones. */
function wallSeconds(ms: number): string {
  return String(Math.round(Math.max(ms, 0) / 100) / 10);
}
