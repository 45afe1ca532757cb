import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { openBundle, reduceBundle, TraceReadError } from "@codex-ts/rollout-trace";
import type { ReducedTrace } from "@codex-ts/rollout-trace";
import type { RecordedBundle } from "./recorded-bundles.ts";

/** What differs from the real reducer, one line each; empty when both agree. */
export async function checkBundle(bundle: RecordedBundle): Promise<string[]> {
  const tolerant = await reduceBundle(openBundle(bundle.path));
  const parsed = await reduceBundle(openBundle(bundle.path), { fullParse: true });
  const problems = isDeepStrictEqual(asJson(tolerant.state), asJson(parsed.state))
    ? []
    : ["reading with shared prefixes and reading everything give different states"];
  const strict = await reduceStrictly(bundle.path);
  if (bundle.expectedStateFile === undefined) {
    if (strict !== undefined) problems.push("accepted in strict mode; the real reducer refuses it");
    if (tolerant.diagnostics.length === 0)
      problems.push("reduced in tolerant mode without a diagnostic; the real reducer refuses it");
    return problems;
  }
  const expected: unknown = JSON.parse(readFileSync(bundle.expectedStateFile, "utf8"));
  if (strict === undefined) problems.push("refused in strict mode; the real reducer accepts it");
  else problems.push(...differences(expected, asJson(strict)).map((path) => `strict: ${path}`));
  problems.push(
    ...differences(expected, asJson(tolerant.state)).map((path) => `tolerant: ${path}`),
  );
  return problems;
}

async function reduceStrictly(path: string): Promise<ReducedTrace | undefined> {
  try {
    return (await reduceBundle(openBundle(path), { mode: "strict" })).state;
  } catch (error) {
    if (TraceReadError.is(error)) return undefined;
    throw error;
  }
}

/** The state as a reader of `state.json` gets it. */
function asJson(state: ReducedTrace): unknown {
  return JSON.parse(JSON.stringify(state));
}

const MAX_DIFFERENCES = 5;

/** Paths at which two JSON values differ, the first few. */
function differences(expected: unknown, actual: unknown, path = "$"): string[] {
  if (isDeepStrictEqual(expected, actual)) return [];
  if (
    !isContainer(expected) ||
    !isContainer(actual) ||
    Array.isArray(expected) !== Array.isArray(actual)
  )
    return [`${path} is ${brief(actual)}, expected ${brief(expected)}`];
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...keys]
    .flatMap((key) => differences(expected[key], actual[key], `${path}.${key}`))
    .slice(0, MAX_DIFFERENCES);
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function brief(value: unknown): string {
  return (JSON.stringify(value) ?? "absent").slice(0, 120);
}
