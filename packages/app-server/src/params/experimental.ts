import type { Compatibility, JsonObject, JsonValue } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import { invalidRequest } from "../connection/rpc-error.ts";
import type { MethodName } from "./method-params.ts";

type MembersByMethod = { readonly [Name in MethodName]?: readonly string[] };

/** Members that only clients with `capabilities.experimentalApi` may set. Source: schemas of both, with and without. */
const MEMBERS: { readonly [Generation in Compatibility]: MembersByMethod } = {
  "0.140": {
    "thread/start": [
      "dynamicTools",
      "environments",
      "experimentalRawEvents",
      "permissions",
      "runtimeWorkspaceRoots",
      "selectedCapabilityRoots",
    ],
    "thread/resume": [
      "excludeTurns",
      "history",
      "initialTurnsPage",
      "path",
      "permissions",
      "runtimeWorkspaceRoots",
    ],
    "thread/fork": ["excludeTurns", "path", "permissions", "runtimeWorkspaceRoots"],
    "turn/start": [
      "additionalContext",
      "collaborationMode",
      "environments",
      "permissions",
      "responsesapiClientMetadata",
      "runtimeWorkspaceRoots",
    ],
    "turn/steer": ["additionalContext", "responsesapiClientMetadata"],
  },
  "0.171": {
    "thread/start": [
      "allowProviderModelFallback",
      "daybreakEnabled",
      "dynamicTools",
      "environments",
      "experimentalRawEvents",
      "historyMode",
      "multiAgentMode",
      "permissions",
      "projectId",
      "runtimeWorkspaceRoots",
      "selectedCapabilityRoots",
    ],
    "thread/resume": [
      "history",
      "initialTurnsPage",
      "path",
      "permissions",
      "runtimeWorkspaceRoots",
    ],
    "thread/fork": [
      "attachToSource",
      "beforeTurnId",
      "deferGoalContinuation",
      "path",
      "permissions",
      "runtimeWorkspaceRoots",
    ],
    "thread/list": [
      "ancestorThreadId",
      "attachedToThreadId",
      "includeAttachedThreads",
      "parentThreadId",
      "projectId",
    ],
    "turn/start": [
      "additionalContext",
      "collaborationMode",
      "cyberAccessProgram",
      "environments",
      "multiAgentMode",
      "permissions",
      "responsesapiClientMetadata",
      "responsesapiClientMetadataPatch",
      "runtimeWorkspaceRoots",
    ],
    "turn/steer": [
      "additionalContext",
      "responsesapiClientMetadata",
      "responsesapiClientMetadataPatch",
    ],
  },
};

const METHODS: { readonly [Generation in Compatibility]: readonly MethodName[] } = {
  "0.140": ["thread/turns/list"],
  "0.171": [],
};

/** Throws `RpcError` for what a client needs the capability `experimentalApi` for. */
export function requireStable(
  generation: Compatibility,
  method: MethodName,
  params: unknown,
): void {
  if (METHODS[generation].includes(method)) throw needsCapability(method);
  if (!isJsonObject(params)) return;
  const member = MEMBERS[generation][method]?.find((name) => isSet(params, name));
  if (member !== undefined) throw needsCapability(`${method}.${member}`);
  if (isJsonObject(params["approvalPolicy"])) throw needsCapability("askForApproval.granular");
}

/** `null`, `false` and an empty text are as good as left out. */
function isSet(params: JsonObject, name: string): boolean {
  const value: JsonValue | undefined = params[name];
  return value !== undefined && value !== null && value !== false && value !== "";
}

function needsCapability(what: string): Error {
  return invalidRequest(`${what} requires experimentalApi capability`);
}
