import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { sha1 } from "../context/tool-hashes.ts";
import { PROFILE_0_171 } from "../compatibility/profile-0.171.ts";
import { modeInstructions } from "../turn/collaboration-mode.ts";
import { readSkillsBody, skillsBody } from "../context/skills/skills-instructions.ts";
import { fileSystemContext } from "../context/environment-context.ts";
import type { RecordedContext } from "../events/recorded-context.ts";

/**
 * The surroundings the model knows, as 0.171 writes them down in order to send changes only. Of a file that Codex wrote,
 * members that mean nothing here stay as they are.
 */
export class WorldState {
  #state: JsonObject | undefined;

  constructor(state: JsonObject | undefined) {
    this.#state = state;
  }

  /** The next line has all of it. */
  forget(): void {
    this.#state = undefined;
  }

  /** The payload of a line: all of it, or the members that are new; `undefined` when nothing is. */
  change(context: RecordedContext, isWhole: boolean): JsonObject | undefined {
    const known = isWhole ? undefined : this.#state;
    const state = stateOf(context, known);
    this.#state = state;
    if (known === undefined) return { full: true, state };
    const changes = difference(known, state);
    const changed = withGone(
      "tools",
      withGone("top_level_tools", changes, known, state),
      known,
      state,
    );
    this.#state = merge(known, changed);
    return Object.keys(changed).length === 0 ? undefined : { full: false, state: changed };
  }
}

/** A state and the changes that a line has to it. */
export function merge(state: JsonObject, changes: JsonObject): JsonObject {
  const merged: Record<string, JsonValue | undefined> = { ...state };
  for (const [name, value] of Object.entries(changes)) {
    const old = merged[name];
    if (value === null) delete merged[name];
    else merged[name] = isJsonObject(value) && isJsonObject(old) ? merge(old, value) : value;
  }
  return merged;
}

/** Members of `next` that are not so in `state`; what only `state` has is left alone. */
function difference(state: JsonObject, next: JsonObject): JsonObject {
  const changed: Record<string, JsonValue | undefined> = {};
  for (const [name, value] of Object.entries(next)) {
    const old = state[name];
    if (isJsonObject(value) && isJsonObject(old)) {
      const inner = difference(old, value);
      if (Object.keys(inner).length > 0) changed[name] = inner;
    } else if (!isDeepStrictEqual(old, value)) {
      changed[name] = value;
    }
  }
  return changed;
}

function stateOf(context: RecordedContext, known: JsonObject | undefined): JsonObject {
  const { cwd, shell, sandboxMode } = context;
  const hostSkills = hostSkillsOf(context, known?.["host_skills"]);
  return {
    agents_md: agentsMd(context),
    apps_instructions: false,
    collaboration_mode: modeOf(context),
    context_window_guidance: "",
    environments: {
      environments: {
        local: { cwd, status: "available", ...(shell !== undefined && { shell: basename(shell) }) },
      },
      ...(context.currentDate !== undefined && { current_date: context.currentDate }),
      ...(context.timezone !== undefined && { timezone: context.timezone }),
      filesystem: fileSystemContext({
        cwd,
        sandboxMode,
        protectedFolders: PROFILE_0_171.context.protectedFolders,
      }),
    },
    environments_instructions: false,
    git_attribution: false,
    host_skills: hostSkills,
    managed_developer_instructions: {},
    ...modelMembers(context),
    multi_agent_mode: {},
    persistent_mode: {},
    plugins_instructions: false,
    realtime: { active: false },
    skills: { includeInstructions: hostSkills["includeInstructions"] },
    ...deferredMember(context),
  };
}

/** The section the model has read, also in the words of Codex; `null` takes it back. */
function hostSkillsOf({ skills = [] }: RecordedContext, known: JsonValue | undefined): JsonObject {
  const before = isJsonObject(known) ? known : {};
  const body = skillsBody(skills, PROFILE_0_171.context.skillPaths);
  if (body === undefined) {
    const isIncluded = before["includeInstructions"] === true;
    return { ...("body" in before && { body: null }), includeInstructions: isIncluded };
  }
  const read = before["body"];
  const isSame =
    typeof read === "string" && isDeepStrictEqual(readSkillsBody(read), readSkillsBody(body));
  return { body: isSame ? read : body, includeInstructions: true };
}

/** Of instructions a hash; only 0.171's own have one that is known. */
function modeOf({ mode, model }: RecordedContext): JsonObject {
  const instructions = mode && modeInstructions(mode);
  return {
    mode: mode?.kind ?? "default",
    model,
    ...(instructions !== undefined && { instructions: sha1(instructions) }),
  };
}

/** Of a responses-lite model also the facts its items state, so that the next turn states only what is new. */
function modelMembers({ model, modelItems }: RecordedContext): JsonObject {
  if (modelItems === undefined) return { model };
  const { instructions, tools } = modelItems;
  return {
    model: { model, instructions: sha1(instructions) },
    top_level_tools: { ...tools },
  };
}

function deferredMember({ deferredTools = {} }: RecordedContext): JsonObject {
  return Object.keys(deferredTools).length === 0 ? {} : { tools: { ...deferredTools } };
}

/** The changes with `null` for those of a list of tools that are no longer there. */
function withGone(
  list: "tools" | "top_level_tools",
  changes: JsonObject,
  known: JsonObject,
  state: JsonObject,
): JsonObject {
  const before = known[list];
  const now = state[list];
  if (!isJsonObject(before)) return changes;
  if (!isJsonObject(now)) return { [list]: null, ...changes };
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(now, name));
  if (gone.length === 0) return changes;
  const changed = changes[list];
  const nulls = Object.fromEntries(gone.map((name) => [name, null]));
  return { ...changes, [list]: { ...nulls, ...(isJsonObject(changed) && changed) } };
}

function agentsMd({ userInstructions, cwd }: RecordedContext): JsonObject {
  if (userInstructions === undefined) return {};
  const text = typeof userInstructions === "string" ? userInstructions : userInstructions.text;
  return { directory: cwd, text };
}
