export { applyPatch } from "./apply/apply-patch.ts";
export { appliedSummary } from "./apply/summary.ts";
export { VerifiedPatch } from "./apply/verified-patch.ts";
export { verifyPatch } from "./apply/verify-patch.ts";
export { createPatch } from "./diff/create-patch.ts";
export { unifiedDiff } from "./diff/unified-diff.ts";
export { parsePatch } from "./parse/parse-patch.ts";
export { PatchStream } from "./parse/patch-stream.ts";
export { PatchError } from "./patch-error.ts";
export { findShellPatch } from "./shell/shell-patch.ts";
export { patchText } from "./text/patch-text.ts";
export type { AllowedPaths } from "./apply/allowed-paths.ts";
export type { FileAddition, FileChange, FileDeletion, FileUpdate } from "./apply/file-change.ts";
export type { FileVersions } from "./diff/create-patch.ts";
export type { AppliedFile } from "./apply/verified-patch.ts";
export type { ApplyOptions } from "./apply/verify-patch.ts";
export type {
  AddFile,
  Chunk,
  ChunkLine,
  DeleteFile,
  Hunk,
  Patch,
  PatchCompatibility,
  UpdateFile,
} from "./patch.ts";
export type { PatchErrorCode } from "./patch-error.ts";
export type { ShellPatch } from "./shell/shell-patch.ts";
