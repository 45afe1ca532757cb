import type { ResponseItem } from "@codex-ts/protocol";
import { ParallelLock } from "../parallel-lock.ts";
import { ToolError } from "../tool.ts";
import type { ToolCall } from "../tool.ts";
import { CELL_LIMITS } from "./cell-protocol.ts";
import type { FromCell } from "./cell-protocol.ts";
import type { CallResult, CodeCell } from "./code-cell.ts";
import type { NestedCalls } from "./nested-calls.ts";
import type { NestedTool } from "./nested-tools.ts";

/** Each has a thread and memory of its own. */
const MAX_CELLS = 8;
/** Characters of everything that scripts of a thread keep for each other. */
const MAX_STORED_CHARACTERS = CELL_LIMITS.outputCharacters;

/** A cell under the id the model knows it by. */
export interface ThreadCell {
  readonly id: string;
  readonly cell: CodeCell;
}

/** The cells of a thread that run or whose end has not been reported, and what they share. */
export class CodeCells {
  #tools: readonly NestedTool[];
  readonly #now: () => number;
  readonly #cells = new Map<string, CodeCell>();
  /** The tools each script began with: its calls name their place in that list, although others may be offered by now. */
  readonly #toolsOf = new WeakMap<CodeCell, readonly NestedTool[]>();
  readonly #stored = new Map<string, string>();
  readonly #lock = new ParallelLock();
  #lastId = 0;
  /** Runs the calls of scripts. Pending between turns, when they wait for the next one. */
  #nested = Promise.withResolvers<NestedCalls>();
  /** Texts for the model that no turn has taken in. */
  #notices: ResponseItem[] = [];
  #isClosed = false;

  constructor(tools: readonly NestedTool[], now: () => number) {
    this.#tools = tools;
    this.#now = now;
  }

  /** Scripts that begin from now on can call these. */
  offer(tools: readonly NestedTool[]): void {
    this.#tools = tools;
  }

  /** From now on `nested` runs the calls of scripts, those that wait first. */
  serve(nested: NestedCalls): void {
    this.#nested.resolve(nested);
    this.#nested = Promise.withResolvers();
    this.#nested.resolve(nested);
  }

  /** A turn is over. When the user has stopped it, so are the scripts. */
  async endTurn({ isStopped }: { readonly isStopped: boolean }): Promise<void> {
    this.#nested = Promise.withResolvers();
    if (isStopped) await this.#endAll();
  }

  /**
   * Opens a cell for an `exec` call. Rejects with a `ToolError` when there is no room for one, or no isolate. Its script
   * runs from `run` on.
   */
  async open(call: Pick<ToolCall, "callId" | "modelCallId" | "turnId">): Promise<ThreadCell> {
    if (this.#cells.size >= MAX_CELLS) {
      throw new ToolError(
        `exec refused: ${MAX_CELLS} cells are open; end some of them first, with \`wait\` and \`terminate\``,
      );
    }
    this.#lastId += 1;
    const id = String(this.#lastId);
    const opened = Promise.withResolvers<CodeCell>();
    // Threads are a part of Node that most processes never load.
    const { CodeCell } = await import("./code-cell.ts");
    const cell = await CodeCell.open({
      call: async (request) =>
        this.#runCall(request, { cell: await opened.promise, id, turnId: call.turnId }),
      notice: (output) => {
        this.#notices.push({
          type: "custom_tool_call_output",
          call_id: call.modelCallId ?? call.callId,
          name: "exec",
          output,
        });
      },
      store: (key, json) => this.#store(key, json),
      now: this.#now,
    });
    opened.resolve(cell);
    this.#cells.set(id, cell);
    if (this.#isClosed) await this.#endAll();
    return { id, cell };
  }

  /** Runs a script in an open cell; resolves when it begins. */
  run({ cell }: ThreadCell, source: string): Promise<void> {
    this.#toolsOf.set(cell, this.#tools);
    const tools = this.#tools.map(({ name, description }) => ({ name, description }));
    return cell.run({ source, tools, stored: Object.fromEntries(this.#stored) });
  }

  find(id: string): ThreadCell | undefined {
    const cell = this.#cells.get(id);
    return cell && { id, cell };
  }

  /** The end of the cell has been reported. */
  forget(id: string): void {
    this.#cells.delete(id);
  }

  /** The texts that scripts want the model to read at once, since the last call. */
  takeNotices(): readonly ResponseItem[] {
    const notices = this.#notices;
    this.#notices = [];
    return notices;
  }

  /** Ends all scripts. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#endAll();
  }

  async #endAll(): Promise<void> {
    const cells = [...this.#cells.values()];
    this.#cells.clear();
    await Promise.all(cells.map((cell) => cell.terminate()));
  }

  async #runCall(
    { tool: index, callId, json }: Extract<FromCell, { readonly type: "call" }>,
    { cell, id, turnId }: { readonly cell: CodeCell; readonly id: string; readonly turnId: string },
  ): Promise<CallResult> {
    const nested = await this.#nested.promise;
    const tool = this.#toolsOf.get(cell)?.[index]?.tool;
    if (tool === undefined) throw new TypeError(`a cell has called tool ${index}`);
    const runtimeToolId = `tool-${callId}`;
    return nested.run(
      { tool, cellId: id, turnId, runtimeToolId, json, signal: cell.signal },
      this.#lock,
    );
  }

  #store(key: string, json: string): void {
    this.#stored.delete(key);
    this.#stored.set(key, json);
    let characters = 0;
    for (const [name, value] of this.#stored) characters += name.length + value.length;
    // The oldest go first; the cells that store are limited too, each by itself.
    for (const [name, value] of this.#stored) {
      if (characters <= MAX_STORED_CHARACTERS) return;
      this.#stored.delete(name);
      characters -= name.length + value.length;
    }
  }
}
