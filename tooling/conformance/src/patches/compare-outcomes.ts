import { posix } from "node:path";
import type { PatchCase, PatchOutcome } from "./patch-case.ts";
import { treeText } from "./tree-files.ts";

/** How two outcomes of a case relate; a decided difference is one on which ours does better on purpose. */
export type Comparison =
  | { readonly kind: "equal" | "decided" }
  | { readonly kind: "different"; readonly message: string };

/** Compares what the real Codex made of a case with what ours did: what the model is told, and every file. */
export function compareOutcomes(
  patchCase: PatchCase,
  real: PatchOutcome,
  own: PatchOutcome,
): Comparison {
  const [before, realTree, ownTree] = [patchCase.tree, real.tree, own.tree].map(treeText);
  const hasSameOutput = real.output === own.output;
  if (hasSameOutput && realTree === ownTree) return { kind: "equal" };
  // Codex stops half-way where writing fails; ours puts everything back.
  const failedHalfWay = real.output.startsWith("Exit code: 1\n") && ownTree === before;
  if (hasSameOutput && (failedHalfWay || movesToItself(patchCase))) return { kind: "decided" };
  return {
    kind: "different",
    message: [
      `patch: ${JSON.stringify(patchCase.patch)}`,
      `tree:\n${before}`,
      `codex:    ${JSON.stringify(real.output)}\n${realTree}`,
      `codex-ts: ${JSON.stringify(own.output)}\n${ownTree}`,
    ].join("\n"),
  };
}

/** Codex removes such a file: it writes it, maybe through a link, and then removes the one it was moved from. */
function movesToItself({ patch, folder, tree }: PatchCase): boolean {
  const place = (path: string): string => {
    const name = posix.relative(folder, posix.normalize(path.replace(/^\{ROOT\}\//, "")));
    const entry = tree.get(name);
    return entry?.type === "link" ? posix.join(posix.dirname(name), entry.target) : name;
  };
  return [...patch.matchAll(/\*\*\* Update File: (.*?)\s*\n\*\*\* Move to: (.*?)\s*\n/g)].some(
    ([, from = "", to = ""]) => place(from) === place(to),
  );
}
