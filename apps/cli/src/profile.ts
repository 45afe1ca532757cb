import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ConfigTable } from "./config-overrides.ts";
import { CommandError, UsageError } from "./errors.ts";
import { nearestWords } from "./nearest.ts";

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const SUFFIX = ".config.toml";

/** Path of the file of `-p NAME`. Throws `UsageError` for what is no name: no path may be made of it. */
export function profileFile(home: string, name: string): string {
  if (!NAME.test(name)) {
    throw new UsageError("-p: expected the name of a profile, of letters, digits, - and _");
  }
  return join(home, `${name}${SUFFIX}`);
}

/** A profile that is not there is an error: without it the request might go somewhere else. */
export function missingProfile(home: string, name: string): CommandError {
  const names = profileNames(home);
  const nearest = nearestWords(name, names);
  const hint =
    nearest.length > 0
      ? `did you mean -p ${nearest.join(" or -p ")}?`
      : names.length > 0
        ? `there are ${names.join(", ")}`
        : "make it, with the settings that differ from config.toml";
  return new CommandError(`-p ${name}: ${join(home, `${name}${SUFFIX}`)} does not exist: ${hint}`);
}

function profileNames(home: string): string[] {
  try {
    return readdirSync(home)
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => name.slice(0, -SUFFIX.length))
      .filter((name) => NAME.test(name))
      .toSorted();
  } catch {
    return [];
  }
}

/**
 * Refuses the keys older versions of Codex chose a profile by. They decide where requests go, so they cannot be ignored.
 */
export function refuseLegacyProfiles(source: string, table: ConfigTable): void {
  const key = ["profile", "profiles"].find((name) => Object.hasOwn(table, name));
  if (key === undefined) return;
  const value = table["profile"];
  const name = typeof value === "string" && NAME.test(value) ? value : "NAME";
  throw new CommandError(
    `${source}: the key ${key} is no longer supported: move the settings of the profile to ${name}${SUFFIX} beside config.toml and pass -p ${name}`,
  );
}
