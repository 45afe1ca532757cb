import { citationsIn } from "./citations.ts";
import type { Requirement, RequirementTag } from "./requirements.ts";

/** What is wrong between a list of requirements and the tags of the tests, one line each; empty when all is well. */
export function requirementProblems(
  requirements: readonly Requirement[],
  tags: readonly RequirementTag[],
): string[] {
  const problems: string[] = [];
  const byId = new Map<string, Requirement>();
  for (const requirement of requirements) {
    if (byId.has(requirement.id)) problems.push(`${requirement.id} is listed twice`);
    byId.set(requirement.id, requirement);
    if (!requirement.behaviour || !requirement.source)
      problems.push(`${requirement.id} needs a behaviour and a source`);
  }
  const proved = Map.groupBy(tags, (tag) => tag.id);
  for (const { id, gap } of requirements) {
    const tests = proved.get(id) ?? [];
    if (tests.length === 0) problems.push(`${id} has no test that names it`);
    if (gap && tests.some((tag) => !tag.isExpectedFailure))
      problems.push(`${id} is listed as a gap but a test expects it to work`);
    if (!gap && tests.some((tag) => tag.isExpectedFailure))
      problems.push(`${id} is tested as an expected failure but not listed as a gap`);
  }
  for (const [id, [first]] of proved)
    if (!byId.has(id)) problems.push(`${first?.file}: [${id}] is in no requirements.json`);
  return problems;
}

/** The cases of a page (`C1`, `S0-2`) that no requirement names as its source. */
export function rowsWithoutRequirement(
  path: string,
  rows: readonly string[],
  requirements: readonly Requirement[],
): string[] {
  const named = new Set(
    requirements
      .flatMap(({ source }) => citationsIn(source))
      .filter(({ page }) => page === path)
      .flatMap(({ references }) => references),
  );
  return rows.filter((row) => /^[A-Z]/.test(row) && !named.has(`row ${row}`));
}
