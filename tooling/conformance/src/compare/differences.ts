import { isDeepStrictEqual } from "node:util";
import type { ComparableRun } from "./comparable.ts";

/** One fact two runs do not agree on. */
export interface Difference {
  /** Path of the fact, e.g. `requests.0.headers.user-agent`. A dot inside a name is kept as it is. */
  readonly field: string;
  /** JSON, shortened; {@link ABSENT} where there is nothing. */
  readonly expected: string;
  readonly actual: string;
}

/** Stands for a value that one side does not have. */
export const ABSENT = "absent";

/** Everything that differs between two runs. `expected` is the real client's. */
export function runDifferences(expected: ComparableRun, actual: ComparableRun): Difference[] {
  return differences(expected, actual);
}

/** Members that say what the rest is about: where one of them differs, comparing the rest would be noise. */
const KEY_MEMBERS: readonly string[] = ["target", "eventKinds"];

/** Everything that differs between two values, below a path. */
export function differences(expected: unknown, actual: unknown, field = ""): Difference[] {
  if (isDeepStrictEqual(expected, actual)) return [];
  if (isNameList(expected) && isNameList(actual)) return orderDifference(expected, actual, field);
  // A list and an object with the same members are not the same JSON.
  if (
    !isContainer(expected) ||
    !isContainer(actual) ||
    Array.isArray(expected) !== Array.isArray(actual)
  )
    return [{ field, expected: brief(expected), actual: brief(actual) }];
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  const key = KEY_MEMBERS.find((name) => names.has(name) && expected[name] !== actual[name]);
  if (key === "target") return differences(expected[key], actual[key], `${field}.${key}`);
  if (key === "eventKinds") names.delete("events");
  return [...names].flatMap((name) =>
    differences(expected[name], actual[name], field === "" ? name : `${field}.${name}`),
  );
}

/** Names only one side has are reported where their values are; here only the order of the common ones counts. */
function orderDifference(
  expected: readonly string[],
  actual: readonly string[],
  field: string,
): Difference[] {
  if (!field.endsWith("Order"))
    return [{ field, expected: brief(expected), actual: brief(actual) }];
  const common = (names: readonly string[], others: readonly string[]): string =>
    names.filter((name) => others.includes(name)).join(", ");
  const [wanted, found] = [common(expected, actual), common(actual, expected)];
  return wanted === found ? [] : [{ field, expected: wanted, actual: found }];
}

function isNameList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

const MAX_BRIEF_CHARACTERS = 300;

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? ABSENT;
  return text.length <= MAX_BRIEF_CHARACTERS ? text : `${text.slice(0, MAX_BRIEF_CHARACTERS)}…`;
}
