import type { JsonObject } from "@codex-ts/protocol";
import { namespaceSpec } from "./namespace-spec.ts";
import { TOOL_SEARCH_SPEC } from "./search/tool-search.ts";
import type { Tool } from "./tool.ts";

/** The tools of a thread, in the order requests list them. */
export class ToolRegistry {
  #tools: ReadonlyMap<string, Tool> = new Map();
  #revision = 0;

  /** Namespace by which tools that have none of their own can be called, too. */
  readonly #ownNamespace: string | undefined;

  constructor(tools: readonly Tool[], ownNamespace: string | undefined) {
    this.#ownNamespace = ownNamespace;
    this.replace(tools);
  }

  /** From now on these are the tools. */
  replace(tools: readonly Tool[]): void {
    this.#tools = new Map(tools.map((tool) => [key(tool.name, tool.namespace?.name), tool]));
    this.#revision += 1;
  }

  /** Another number each time the tools have been replaced. */
  get revision(): number {
    return this.#revision;
  }

  /** Definitions of the tools in requests; those of a namespace are one, where the first of them stands. */
  get specs(): readonly JsonObject[] {
    const tools = [...this.#tools.values()].filter(isListed);
    const listed = tools.flatMap((tool, index) => {
      const { namespace } = tool;
      if (namespace === undefined) return [tool.spec];
      const members = tools.filter((other) => other.namespace?.name === namespace.name);
      if (members[0] !== tools[index]) return [];
      return [
        namespaceSpec(
          namespace,
          members.map(({ spec }) => spec),
        ),
      ];
    });
    return this.deferred.length === 0 ? listed : [...listed, TOOL_SEARCH_SPEC];
  }

  /** Tools that are found by a search. */
  get deferred(): readonly Tool[] {
    return [...this.#tools.values()].filter(({ exposure }) => exposure === "deferred");
  }

  /** `undefined` also for a tool that is called in another namespace than its own. */
  find(name: string, namespace: string | undefined): Tool | undefined {
    return this.#tools.get(key(name, this.isOwn(namespace) ? undefined : namespace));
  }

  /** Whether it stands for tools without a namespace. */
  isOwn(namespace: string | undefined): boolean {
    return namespace === undefined || namespace === this.#ownNamespace;
  }
}

function isListed({ exposure = "listed" }: Tool): boolean {
  return exposure === "listed";
}

function key(name: string, namespace: string | undefined): string {
  return JSON.stringify([namespace ?? null, name]);
}
