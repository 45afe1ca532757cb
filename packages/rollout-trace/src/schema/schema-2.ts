import { SCHEMA_1 } from "./schema-1.ts";
import type { SchemaRules } from "./schema-rules.ts";

/** The schema of Codex 0.169. */
export const SCHEMA_2: SchemaRules = {
  version: 2,
  container: "files",
  log: {
    events: {
      ...SCHEMA_1.log.events,
      recording_completed: true,
      thread_resumed: true,
      history_item_accepted: true,
      stdin_target_resolved: true,
    },
    absentMembers: {
      history_item_accepted: SCHEMA_1.log.absentMembers.history_item_accepted ?? [],
      inference_started: SCHEMA_1.log.absentMembers.inference_started ?? [],
    },
    isOrderChecked: true,
    isEveryPayloadChecked: true,
    isManifestVersionIgnored: false,
    policyMember: SCHEMA_1.log.policyMember,
    completion: "flag",
  },
  items: {
    haveResponsesIds: true,
    ignoredTypes: new Set(["additional_tools"]),
    areHashed: true,
    haveEmptyContentPart: false,
    areReceivedOverAnyItem: true,
    orderInCall: "creation",
    orderInConversation: "creation",
    // Images in outputs are known by their hashes.
    bindOutputsToCallIds: false,
    mayRepeatInList: false,
  },
  inference: { countsCacheWrites: true, extendsHistoryAlways: false },
  codeCells: {
    keepResponses: true,
    lastEndHasResult: false,
    areNamedByTool: true,
    nameTheirThread: false,
    waitTarget: "arguments",
  },
  tools: {
    includePublicExec: true,
    ignoredRuntimeEvents: new Set(),
    haveNamespaces: true,
    requireStdinArguments: false,
  },
  terminals: { sessionsAreProcesses: false, output: "aggregated" },
  agents: {
    activities: new Set([...SCHEMA_1.agents.activities, "completed"]),
    activitiesNameModel: true,
    // The result of an MCP call may name a thread of its own.
    mayReportOverMcp: false,
    messagesMayHaveHeader: true,
    deliverTo: "thread",
  },
};
