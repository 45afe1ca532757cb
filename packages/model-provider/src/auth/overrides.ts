import { type Environment, readVariable } from "../environment.ts";
import { AGENT_AUTHAPI_URL_VARIABLE } from "./agent-identity.ts";
import { AUTHAPI_URL_VARIABLE } from "./personal-access-token.ts";
import { REFRESH_URL_VARIABLE } from "./refresh-request.ts";

/** Variable that replaces the whole revocation URL. */
export const REVOKE_URL_VARIABLE = "CODEX_REVOKE_TOKEN_URL_OVERRIDE";

const SECRET_REDIRECTING_VARIABLES = [
  REFRESH_URL_VARIABLE,
  REVOKE_URL_VARIABLE,
  AUTHAPI_URL_VARIABLE,
  AGENT_AUTHAPI_URL_VARIABLE,
];

/** Says by name, without values, which variables (default: all there are) send credentials to other places than usual. */
export function announceOverrides(
  env: Environment,
  warn: (message: string) => void,
  variables: readonly string[] = SECRET_REDIRECTING_VARIABLES,
): void {
  const set = variables.filter((name) => readVariable(env, name) !== undefined);
  if (set.length > 0) warn(`credentials are sent to the servers named by ${set.join(", ")}`);
}
