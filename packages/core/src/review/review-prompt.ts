import { git } from "../context/workspace/git.ts";
import type { GitOptions } from "../context/workspace/git.ts";
import type { ReviewTarget } from "./review-target.ts";

const WANTED = "List what its author should mend, the most important first.";

/** The task a reviewer begins with. Looks up where a branch left its base. Never rejects. */
export async function reviewPrompt(target: ReviewTarget, options: GitOptions): Promise<string> {
  switch (target.type) {
    case "uncommittedChanges":
      return `Review the uncommitted changes of this working directory: those that are staged, those that are not, and files that are not under version control yet. ${WANTED}`;
    case "baseBranch":
      return `Review what the current branch changes in comparison with '${target.branch}'. ${await comparison(target.branch, options)} ${WANTED}`;
    case "commit": {
      const title = !target.title ? "" : ` ("${target.title}")`;
      return `Review the changes of commit ${target.sha}${title}. ${WANTED}`;
    }
    case "custom":
      return target.instructions.trim();
    default:
      return target satisfies never;
  }
}

async function comparison(branch: string, options: GitOptions): Promise<string> {
  const base = await git(options.cwd, ["merge-base", "--end-of-options", "HEAD", branch], options);
  const commit = base?.trim();
  if (commit !== undefined && /^[0-9a-f]{40,64}$/.test(commit)) {
    return `Both have commit ${commit} in common; \`git diff ${commit}\` shows the changes since.`;
  }
  return "Find the commit both have in common with `git merge-base`, against the upstream of that branch where it is ahead, and look at the diff since that commit.";
}
