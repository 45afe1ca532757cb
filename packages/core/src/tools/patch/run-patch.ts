import { readPlainText } from "@codex-ts/api/internal";
import {
  type AllowedPaths,
  appliedSummary,
  type Patch,
  parsePatch,
  PatchError,
  verifyPatch,
  type VerifiedPatch,
} from "@codex-ts/apply-patch";
import { APPROVAL_FAILED, isRefusal } from "../../approvals/thread-approvals.ts";
import type { AppliedChange } from "../../turn/turn-diff.ts";
import { mayAskAbout } from "../../policies.ts";
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
const BY_USER = "patch rejected by user";
const NOBODY_TO_ASK =
  'patch rejected: approval policy `untrusted` has every patch approved first and nobody can be asked here; the user can allow patches with approval_policy = "never"';

/** A larger file is not replaced by a patch. */
const MAX_OVERWRITTEN_BYTES = 256 * 1024 * 1024;

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
  const { verified, refusal } = await allowedPatch(patch, options);
  if (verified.changes.length === 0) throw new ToolError(EMPTY);
  const reporter = new PatchReporter(call, verified.changes);
  await approve(verified, { ...options, reporter, refusal });
  // From here on the patch is written, also when the turn is left: a part of it would be worse.
  call.signal.throwIfAborted();
  reporter.began();
  const changes = withOverwritten(verified);
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
function withOverwritten({ changes }: VerifiedPatch): readonly AppliedChange[] {
  return changes.map((change): AppliedChange => {
    if (change.type !== "add") return change;
    const overwritten = textOf(change.path);
    return overwritten === undefined ? change : { ...change, overwritten };
  });
}

/** `undefined` where no file is, and for what no patch may replace. */
function textOf(path: string): string | undefined {
  try {
    return readPlainText(path, { maxBytes: MAX_OVERWRITTEN_BYTES });
  } catch {
    return undefined;
  }
}

type PatchOptions = Parameters<typeof runPatch>[1];

/**
 * A patch that can be applied, and why the sandbox mode does not let it; `undefined`: it does. What the mode keeps from it is looked
 * at again without the mode only where the user can be asked.
 */
async function allowedPatch(
  patch: Patch,
  options: PatchOptions,
): Promise<{ readonly verified: VerifiedPatch; readonly refusal: string | undefined }> {
  const { settings, call } = options;
  const isReadOnly = call.sandboxMode === "read-only";
  try {
    const verified = await verify(patch, options, allowedPaths(settings, call));
    return { verified, refusal: isReadOnly ? READ_ONLY : undefined };
  } catch (error) {
    const isOutside = PatchError.is(error) && error.code === "path_not_allowed";
    if (!isOutside || !canAsk(call)) throw unverified(error);
  }
  try {
    return { verified: await verify(patch, options, {}), refusal: OUTSIDE };
  } catch (error) {
    throw unverified(error);
  }
}

function verify(
  patch: Patch,
  { settings, directory }: PatchOptions,
  allowed: AllowedPaths,
): Promise<VerifiedPatch> {
  return verifyPatch(patch, { directory, compatibility: settings.patchRules, ...allowed });
}

function canAsk({ approvalPolicy, approvals }: ToolCall): boolean {
  return mayAskAbout(approvalPolicy, "sandbox_approval") && approvals !== undefined;
}

/** Asks where the policy wants it. Rejects with a `ToolError` when the patch may not be applied. */
async function approve(
  { changes }: VerifiedPatch,
  {
    call,
    settings,
    directory,
    reporter,
    refusal,
  }: PatchOptions & { readonly reporter: PatchReporter; readonly refusal: string | undefined },
): Promise<void> {
  const { approvalPolicy, approvals } = call;
  if (approvalPolicy !== "untrusted" && refusal === undefined) return;
  if (approvals === undefined || !canAsk(call)) {
    throw new ToolError(refusal ?? NOBODY_TO_ASK);
  }
  const question = { type: "patch", cwd: directory, changes: reporter.changes } as const;
  const paths = changes.flatMap((change) => [
    change.path,
    ...(change.type === "update" && change.movePath !== undefined ? [change.movePath] : []),
  ]);
  const keys = [...new Set(paths)].map((path) => JSON.stringify(["patch", path]));
  const outcome = await approvals.ask(call, question, keys);
  // A prefix of a command is no answer about a patch, but a yes.
  if (!isRefusal(outcome)) return;
  const isTold = outcome === "failed" && settings.failedQuestion === "is_told";
  const reason = isTold ? APPROVAL_FAILED : BY_USER;
  // Otherwise than with commands, as in Codex.
  approvals.resolved(call, outcome);
  if (outcome !== "abort") reporter.declined(reason);
  throw new ToolError(reason);
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
