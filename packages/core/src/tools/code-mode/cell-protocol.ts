import type { FunctionCallOutputContentItem } from "@codex-ts/protocol";

/** One thing a cell shows: a text, or an image. */
export type CellItem = Extract<
  FunctionCallOutputContentItem,
  { readonly type: "input_text" | "input_image" }
>;

/** A tool as scripts see it. */
export interface NestedToolFace {
  /** A JavaScript identifier. */
  readonly name: string;
  /** For the model: what the tool does and how it is called. */
  readonly description: string;
}

/** Everything the isolate of a cell receives before it runs. */
export interface CellStart {
  readonly type: "start";
  /** JavaScript, a module. */
  readonly source: string;
  readonly tools: readonly NestedToolFace[];
  /** Values that earlier cells have stored, by key, as JSON text. */
  readonly stored: Readonly<Record<string, string>>;
}

/** Messages to a cell. */
export type ToCell =
  | CellStart
  | {
      /** A call of a tool is over. */
      readonly type: "settled";
      readonly callId: number;
      readonly isResolved: boolean;
      /** JSON text of the value, or of the reason, a string. */
      readonly json: string;
    };

/** Messages of a cell, in the order things happen. Nothing follows `ended` or `unavailable`. */
export type FromCell =
  | { readonly type: "ready" }
  | {
      /** There is no isolate: its packages are not installed, or cannot be used. */
      readonly type: "unavailable";
      readonly reason: string;
    }
  /** Everything is made; the next thing is the script. */
  | { readonly type: "started" }
  | { readonly type: "item"; readonly item: CellItem }
  /** A text the model is to read at once. */
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "stored"; readonly key: string; readonly json: string }
  | {
      readonly type: "call";
      /** 1, 2, 3… in the cell. */
      readonly callId: number;
      /** Index of the tool in `CellStart.tools`. */
      readonly tool: number;
      /** JSON text of the argument; `undefined`: none was given. */
      readonly json: string | undefined;
    }
  /** The script asks for what it has shown to be passed on while it runs. */
  | { readonly type: "yielded" }
  | {
      readonly type: "ended";
      /** Message and stack of what the script threw; `undefined`: it came to its end. */
      readonly error: string | undefined;
    };

/** Limits of one cell. They are far above what scripts need, and bound what a hostile one can do. */
interface CellLimits {
  /** Memory of everything the script makes. */
  readonly memoryBytes: number;
  /** Deepest recursion. */
  readonly stackBytes: number;
  /** Characters of everything the script shows, notifies of and stores. */
  readonly outputCharacters: number;
  /** Texts, images and notices. */
  readonly outputItems: number;
  /** Calls of tools that have not ended. */
  readonly pendingCalls: number;
  /** Characters of the arguments of those calls. */
  readonly pendingCharacters: number;
  /** Bytes of one value that enters the isolate: what a call returns, or what was stored. */
  readonly valueBytes: number;
  readonly pendingTimers: number;
  /** Time the script computes, waiting not counted. */
  readonly computeMs: number;
}

export const CELL_LIMITS: CellLimits = {
  memoryBytes: 128 * 1024 * 1024,
  // With 1 MiB a recursion without end breaks the thread that runs the isolate.
  stackBytes: 256 * 1024,
  outputCharacters: 32 * 1024 * 1024,
  outputItems: 20_000,
  pendingCalls: 256,
  pendingCharacters: 32 * 1024 * 1024,
  valueBytes: 32 * 1024 * 1024,
  pendingTimers: 10_000,
  computeMs: 60_000,
};

/** The file name of the script in stacks. */
export const SCRIPT_NAME = "exec_main.mjs";
