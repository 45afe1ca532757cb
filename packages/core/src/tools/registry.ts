import type { JsonObject } from "@codex-ts/protocol";
import type { Tool } from "./tool.ts";

/** The tools of a thread, in the order requests list them. */
export class ToolRegistry {
  readonly #tools: ReadonlyMap<string, Tool>;

  /** Namespace by which tools that have none of their own can be called, too. */
  readonly #ownNamespace: string | undefined;

  constructor(tools: readonly Tool[], ownNamespace: string | undefined) {
    this.#ownNamespace = ownNamespace;
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
  }

  /** Definitions of the tools in requests. */
  get specs(): readonly JsonObject[] {
    return [...this.#tools.values()].map((tool) => tool.spec);
  }

  /** Tools with a namespace of their own belong to servers, of which there are none here. */
  find(name: string, namespace: string | undefined): Tool | undefined {
    return this.isOwn(namespace) ? this.#tools.get(name) : undefined;
  }

  /** Whether it stands for tools without a namespace. */
  isOwn(namespace: string | undefined): boolean {
    return namespace === undefined || namespace === this.#ownNamespace;
  }
}
