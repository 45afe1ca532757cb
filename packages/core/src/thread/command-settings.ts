import { compatibilityProfile } from "../compatibility/compatibility-profile.ts";
import { CommandSessions } from "../tools/exec/command-sessions.ts";
import { credentialVariables, inheritedEnvironment } from "../tools/exec/environment-policy.ts";
import type { CommandSettings } from "../tools/exec/start-command.ts";
import type { ResolvedOptions } from "./resolve-options.ts";

/** Settings by which the commands of a thread are started, those of the model and those of the user. */
export function commandSettings(options: ResolvedOptions, threadId: string): CommandSettings {
  const { env, commandEnvironment = {}, provider, sessionId, clientVersion } = options;
  return {
    threadId,
    sessionId,
    clientVersion,
    commands: compatibilityProfile(options.compatibility).commands,
    env: inheritedEnvironment(env, commandEnvironment, credentialVariables(provider)),
    sessions: new CommandSessions(options.random),
  };
}
