import type { JsonObject } from "@codex-ts/protocol";
import type { Tool } from "./tool.ts";

/** The tools of a thread, in the order requests list them. */
export class ToolRegistry {
  readonly #tools: ReadonlyMap<string, Tool>;

  constructor(tools: readonly Tool[]) {
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
  }

  /** Definitions of the tools in requests. */
  get specs(): readonly JsonObject[] {
    return [...this.#tools.values()].map((tool) => tool.spec);
  }

  /** Tools with a namespace belong to servers, of which there are none here. */
  find(name: string, namespace: string | undefined): Tool | undefined {
    return namespace === undefined ? this.#tools.get(name) : undefined;
  }
}
