/** Environment variables by name, as `process.env` holds them. The caller decides which ones are visible. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable without surrounding blanks; `undefined` when unset or blank. */
export function readVariable(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === "" ? undefined : value;
}
