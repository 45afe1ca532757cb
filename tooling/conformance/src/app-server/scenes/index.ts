import type { Scene } from "../scene.ts";
import { approvals } from "./approvals.ts";
import { clientTools } from "./client-tools.ts";
import { compactRunning } from "./compact-running.ts";
import { diffs, diffsInRepository } from "./diffs.ts";
import { mcpApprovals } from "./mcp-approvals.ts";
import { freshThreads } from "./fresh-threads.ts";
import { methods } from "./methods.ts";
import { namedThreads } from "./named-threads.ts";
import { reviewStopped } from "./review-stopped.ts";
import { previews } from "./previews.ts";
import { deferredTools, foundTools } from "./deferred-tools.ts";
import { review } from "./review.ts";
import { shellCommands } from "./shell-commands.ts";
import { shellTurns } from "./shell-turns.ts";
import { userInput } from "./user-input.ts";

/** What is compared, in the order it is played. */
export const SCENES: readonly Scene[] = [
  methods,
  review,
  reviewStopped,
  userInput,
  mcpApprovals,
  diffs,
  diffsInRepository,
  shellCommands,
  compactRunning,
  namedThreads,
  freshThreads,
  shellTurns,
  previews,
  deferredTools,
  foundTools,
  approvals,
  clientTools,
];
