import type { ModelInfo } from "@codex-ts/protocol";
import { ExecPolicy } from "../exec-policy/exec-policy.ts";
import type { ThreadTrace } from "@codex-ts/rollout-trace/recorder";
import { compatibilityProfile } from "../compatibility/compatibility-profile.ts";
import { FUNCTIONS_NAMESPACE } from "../context/model-items.ts";
import type { AgentToolSettings } from "../tools/agents/agent-toolset.ts";
import { builtinTools } from "../tools/builtin.ts";
import { checkToolNames } from "../tools/check-tool-names.ts";
import type { CodeCells } from "../tools/code-mode/code-cells.ts";
import { codeModeOf, withCodeMode } from "../tools/code-mode/code-mode.ts";
import type { CommandSettings } from "../tools/exec/start-command.ts";
import type { McpServerSet } from "../tools/mcp/mcp-server-set.ts";
import { foundBySearch } from "../tools/search/tool-search.ts";
import { ToolRegistry } from "../tools/registry.ts";
import type { Tool } from "../tools/tool.ts";
import type { ResolvedOptions } from "./resolve-options.ts";

interface ToolParts {
  readonly commands: CommandSettings;
  /** `undefined`: the thread may start no agents. */
  readonly agents: AgentToolSettings | undefined;
  readonly mcp: McpServerSet | undefined;
}

/**
 * The tools of a thread: those it begins with, and those its MCP servers add once they have started. They are those for the
 * model of the turn.
 */
export class ThreadTools {
  readonly registry: ToolRegistry;
  readonly #options: ResolvedOptions;
  readonly #parts: ToolParts;
  readonly #execPolicy: ExecPolicy;
  #model: ModelInfo;
  #builtin: readonly Tool[];
  #codeCells: CodeCells | undefined;
  /** Makes the tools of the servers that have started, once there are any. */
  #ofServers: (() => readonly Tool[]) | undefined;

  /** Throws `ThreadError` for tools of the application whose names are taken. */
  constructor(options: ResolvedOptions, parts: ToolParts) {
    this.#options = options;
    this.#parts = parts;
    this.#execPolicy = options.execPolicy ?? new ExecPolicy();
    this.#model = options.model;
    this.#builtin = this.#builtinTools();
    const { tools = [] } = options;
    const offered = this.#arrange();
    const own = offered.filter((tool) => !tools.includes(tool));
    checkToolNames([...this.#builtin, ...own], tools);
    const { responsesLite } = compatibilityProfile(options.compatibility);
    const ownNamespace = responsesLite === "items" ? FUNCTIONS_NAMESPACE : undefined;
    this.registry = new ToolRegistry(offered, ownNamespace);
  }

  /** `undefined` when no model of the thread has had code mode. */
  get codeCells(): CodeCells | undefined {
    return this.#codeCells;
  }

  /** From now on the tools are those for this model. */
  useModel(model: ModelInfo): void {
    if (model.slug === this.#model.slug) return;
    this.#model = model;
    this.#builtin = this.#builtinTools();
    this.registry.replace(this.#arrange());
  }

  #builtinTools(): readonly Tool[] {
    const { commands, agents, mcp } = this.#parts;
    const { codeMode: _codeMode, tools: _tools, ...settings } = this.#options;
    const profile = compatibilityProfile(settings.compatibility);
    const { context } = profile;
    return builtinTools({
      ...settings,
      model: this.#model,
      ...commands,
      execPolicy: this.#execPolicy,
      patchRules: profile.patchRules,
      failedQuestion: profile.commands.approvals.failedQuestion,
      hasShellCommand: profile.hasShellCommand,
      offersPlan: profile.offersPlan,
      agents,
      mcp: mcp && { servers: mcp, form: profile.mcp },
      questions: {
        hasAutoResolution: profile.questionsAutoResolve,
        askUser: settings.askUser,
        asksInEveryMode: settings.questionsInEveryMode === true,
      },
      images: profile.images,
      sandbox: {
        protectedFolders: context.protectedFolders,
        workspaceWrite: settings.workspaceWrite ?? {},
      },
    });
  }

  /** Offers the tools of each server once it has started; settles when all have started or failed. Never rejects. */
  async addServerTools(trace: ThreadTrace): Promise<void> {
    const servers = this.#parts.mcp;
    if (servers === undefined) return;
    // Most threads have no servers.
    const { mcpTools } = await import("../tools/mcp/mcp-tools.ts");
    const { compatibility, clientVersion = "0.0.0" } = this.#options;
    const { mcp: form } = compatibilityProfile(compatibility);
    const ofServers = (): readonly Tool[] => {
      const tools = mcpTools({ servers, form, trace, clientVersion, model: this.#model });
      return this.#findsServerTools ? foundBySearch(tools) : tools;
    };
    const offer = async (name: string): Promise<void> => {
      const state = await servers.settled(name);
      if (state?.status !== "ready") return;
      this.#ofServers = ofServers;
      this.registry.replace(this.#arrange());
    };
    await Promise.all([...servers.states.keys()].map(offer));
    await servers.ready;
  }

  get #findsServerTools(): boolean {
    const { mcp } = compatibilityProfile(this.#options.compatibility);
    return mcp.areFoundBySearch && this.#model.supports_search_tool;
  }

  #arrange(): readonly Tool[] {
    const { tools = [], codeMode = codeModeOf(this.#model), now, compatibility } = this.#options;
    const { codeMode: form, commands } = compatibilityProfile(compatibility);
    const all = [...this.#builtin, ...tools, ...(this.#ofServers?.() ?? [])];
    const offered = withCodeMode(all, codeMode, { form, commands, now, cells: this.#codeCells });
    this.#codeCells ??= offered.cells;
    // Cells know what is to be found without a search.
    return this.#model.supports_search_tool ? offered.tools : offered.tools.map(hiddenIfDeferred);
  }
}

/** A model that cannot search is offered neither the search nor what it would find. */
function hiddenIfDeferred(tool: Tool): Tool {
  return tool.exposure === "deferred" ? { ...tool, exposure: "hidden" } : tool;
}
