/** Environment variables by name, as `process.env` holds them. The caller decides which ones are visible. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable as it is; `undefined` when unset. A name like `toString` finds variables only, no methods. */
export function readRawVariable(env: Environment, name: string): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}

/** The variable without surrounding blanks; `undefined` when unset or blank. */
export function readVariable(env: Environment, name: string): string | undefined {
  const value = readRawVariable(env, name)?.trim();
  return value === "" ? undefined : value;
}
