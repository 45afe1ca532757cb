import { ThreadError } from "../errors.ts";

/** The changes a reviewer looks at. */
export type ReviewTarget =
  /** Staged changes, others, and files git does not know. */
  | { readonly type: "uncommittedChanges" }
  /** Changes of the current branch since it left another one. */
  | { readonly type: "baseBranch"; readonly branch: string }
  | {
      readonly type: "commit";
      readonly sha: string;
      /** Its subject, as a help for people. */
      readonly title?: string;
    }
  /** The task that the instructions are. */
  | { readonly type: "custom"; readonly instructions: string };

const SHORT_SHA_CHARACTERS = 7;

/** The target in a few words, for people. Throws `ThreadError` (`invalid_option`) for one that names nothing. */
export function describeReviewTarget(target: ReviewTarget): string {
  switch (target.type) {
    case "uncommittedChanges":
      return "current changes";
    case "baseBranch":
      return `changes against '${named("branch", target.branch)}'`;
    case "commit": {
      const sha = named("sha", target.sha).slice(0, SHORT_SHA_CHARACTERS);
      return target.title ? `commit ${sha}: ${target.title}` : `commit ${sha}`;
    }
    case "custom":
      return named("instructions", target.instructions);
    default:
      return target satisfies never;
  }
}

function named(what: string, value: string): string {
  const name = value.trim();
  if (name === "") throw new ThreadError("invalid_option", `${what} must not be empty`);
  return name;
}
