import type { ModelProvider } from "@codex-ts/model-provider";

/** Which variables commands inherit; Codex's `shell_environment_policy`. The steps are taken in the order of the members. */
export interface CommandEnvironmentPolicy {
  /** Where to begin: with everything, with `HOME`, `PATH` and the like, or with nothing. Default `all`. */
  readonly inherit?: "all" | "core" | "none" | undefined;
  /** Drops variables whose names contain `KEY`, `SECRET` or `TOKEN`, in any case. Default false. */
  readonly excludeSecretNames?: boolean | undefined;
  /** Names to drop. In patterns `*` stands for any characters, `?` for one; case does not count. */
  readonly exclude?: readonly string[] | undefined;
  /** Variables to set, also under names that were dropped. */
  readonly set?: Readonly<Record<string, string>> | undefined;
  /** Unless empty, only names that match one of these patterns are kept. */
  readonly includeOnly?: readonly string[] | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const CORE_NAMES = ["HOME", "LOGNAME", "PATH", "SHELL", "USER", "TEMP", "TMP", "TMPDIR", "LANG"];
const SECRET_NAMES = ["*KEY*", "*SECRET*", "*TOKEN*"];
/** Variables with a login for Codex itself. */
const LOGIN_NAMES = ["CODEX_API_KEY", "CODEX_ACCESS_TOKEN"];
const BEDROCK_NAME = "AWS_BEARER_TOKEN_BEDROCK";

/** The variables of this process that commands inherit under a policy. `withheld` ones come back by `set` only. */
export function inheritedEnvironment(
  env: Environment,
  policy: CommandEnvironmentPolicy,
  withheld: readonly string[],
): Environment {
  const { inherit = "all", excludeSecretNames = false, exclude = [], set = {} } = policy;
  const { includeOnly = [] } = policy;
  const isKept = matcher(inherit === "all" ? ["*"] : inherit === "core" ? CORE_NAMES : []);
  const isDropped = matcher([...(excludeSecretNames ? SECRET_NAMES : []), ...exclude]);
  const inherited = Object.entries(env).filter(
    ([name]) => isKept(name) && !withheld.includes(name) && !isDropped(name),
  );
  const isIncluded = matcher(includeOnly.length === 0 ? ["*"] : includeOnly);
  return Object.fromEntries(
    [...inherited, ...Object.entries(set)].filter(([name]) => isIncluded(name)),
  );
}

/**
 * Names of the variables that hold the credentials of the model's provider: a command has no use for them, and one that prints
 * its environment would send them to the model.
 */
export function credentialVariables({ id, info }: Pick<ModelProvider, "id" | "info">): string[] {
  const headers = Object.entries(info.envHttpHeaders ?? {})
    .filter((entry) => entry.some((name) => /auth|key|token|secret|cookie|password/i.test(name)))
    .map(([, variable]) => variable);
  return [
    ...LOGIN_NAMES,
    ...(info.envKey === undefined ? [] : [info.envKey]),
    ...headers,
    ...(id === "amazon-bedrock" ? [BEDROCK_NAME] : []),
  ];
}

function matcher(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const source = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
    // Runs of stars mean the same as one, and are slow to match.
    return new RegExp(`^${source.replaceAll(/\*+/g, ".*").replaceAll("?", ".")}$`, "is");
  });
  return (name) => expressions.some((expression) => expression.test(name));
}
