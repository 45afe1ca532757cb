import { UsageError } from "./errors.ts";

/** The value of an option that has to be one of a few. Throws `UsageError` that lists them. */
export function oneOf<Choice extends string>(
  option: string,
  text: string | undefined,
  choices: readonly Choice[],
): Choice | undefined {
  const choice = choices.find((known) => known === text);
  if (text === undefined || choice !== undefined) return choice;
  throw new UsageError(`${option} ${text}: expected ${choices.join(", ")}`);
}
