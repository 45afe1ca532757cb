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

/** The tools of a thread: those it begins with, and those its MCP servers add once they have started. */
export class ThreadTools {
  readonly registry: ToolRegistry;
  /** `undefined` when code mode is off. */
  readonly codeCells: CodeCells | undefined;
  readonly #options: ResolvedOptions;
  readonly #mcp: McpServerSet | undefined;
  readonly #builtin: readonly Tool[];

  /** Throws `ThreadError` for tools of the application whose names are taken. */
  constructor(options: ResolvedOptions, { commands, agents, mcp }: ToolParts) {
    this.#options = options;
    this.#mcp = mcp;
    const { codeMode: _codeMode, tools = [], ...settings } = options;
    const profile = compatibilityProfile(options.compatibility);
    const { context } = profile;
    this.#builtin = builtinTools({
      ...settings,
      ...commands,
      execPolicy: settings.execPolicy ?? new ExecPolicy(),
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
    const offered = this.#arrange([], undefined);
    const own = offered.tools.filter((tool) => !tools.includes(tool));
    checkToolNames([...this.#builtin, ...own], tools);
    const ownNamespace = profile.responsesLite === "items" ? FUNCTIONS_NAMESPACE : undefined;
    this.registry = new ToolRegistry(offered.tools, ownNamespace);
    this.codeCells = offered.cells;
  }

  /** Offers the tools of each server once it has started; settles when all have started or failed. Never rejects. */
  async addServerTools(trace: ThreadTrace): Promise<void> {
    const servers = this.#mcp;
    if (servers === undefined) return;
    // Most threads have no servers.
    const { mcpTools } = await import("../tools/mcp/mcp-tools.ts");
    const { compatibility, clientVersion = "0.0.0", model } = this.#options;
    const { mcp: form } = compatibilityProfile(compatibility);
    const offer = async (name: string): Promise<void> => {
      const state = await servers.settled(name);
      if (state?.status !== "ready") return;
      const tools = mcpTools({ servers, form, trace, clientVersion, model });
      const offered = this.#findsServerTools ? foundBySearch(tools) : tools;
      this.registry.replace(this.#arrange(offered, this.codeCells).tools);
    };
    await Promise.all([...servers.states.keys()].map(offer));
    await servers.ready;
  }

  get #findsServerTools(): boolean {
    const { compatibility, model } = this.#options;
    return compatibilityProfile(compatibility).mcp.areFoundBySearch && model.supports_search_tool;
  }

  #arrange(
    ofServers: readonly Tool[],
    cells: CodeCells | undefined,
  ): ReturnType<typeof withCodeMode> {
    const { tools = [], codeMode, model, now, compatibility } = this.#options;
    const { codeMode: form, commands } = compatibilityProfile(compatibility);
    return withCodeMode([...this.#builtin, ...tools, ...ofServers], codeMode ?? codeModeOf(model), {
      form,
      commands,
      now,
      cells,
    });
  }
}
