import { UsageError } from "./errors.ts";

const SCHEMA_VERSIONS = [1, 2, 3] as const;

/** Options about recording as they stand on the command line. */
export interface TraceFlags {
  /** `--trace`; wins over `CODEX_ROLLOUT_TRACE_ROOT`. */
  readonly trace?: string | undefined;
  readonly traceSchema?: string | undefined;
  /** False by `--no-wire-log`. */
  readonly wireLog?: boolean | undefined;
  readonly wire?: "frames" | undefined;
}

/** Recording, as asked for. */
export interface Recording {
  /** `undefined`: nothing. */
  readonly root: string | undefined;
  readonly schemaVersion: (typeof SCHEMA_VERSIONS)[number] | undefined;
  readonly wireLog: boolean | "frames" | undefined;
}

/** Throws `UsageError` for what contradicts itself, or is about a trace that is not written. */
export function readRecording(
  { trace, traceSchema, wireLog, wire }: TraceFlags,
  env: Readonly<Record<string, string | undefined>>,
): Recording {
  if (wireLog === false && wire !== undefined) {
    throw new UsageError("--no-wire-log and --wire exclude each other");
  }
  if (trace === "") throw new UsageError("--trace needs a directory, its argument is empty");
  const schemaVersion = traceSchema === undefined ? undefined : toSchemaVersion(traceSchema);
  const root = trace ?? (env["CODEX_ROLLOUT_TRACE_ROOT"] || undefined);
  if (root === undefined) {
    if (wire !== undefined) throw new UsageError("--wire: nothing is recorded without --trace DIR");
    if (schemaVersion !== undefined) {
      throw new UsageError("--trace-schema: nothing is recorded without --trace DIR");
    }
  }
  return { root, schemaVersion, wireLog: wireLog === false ? false : wire };
}

/** Whether bundles of a schema can be read. */
export function isKnownSchema(version: unknown): boolean {
  return SCHEMA_VERSIONS.some((known) => known === version);
}

function toSchemaVersion(text: string): (typeof SCHEMA_VERSIONS)[number] {
  const version = SCHEMA_VERSIONS.find((known) => String(known) === text);
  if (version !== undefined) return version;
  throw new UsageError(`--trace-schema ${text}: expected 1, 2 or 3`);
}
