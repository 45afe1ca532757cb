import { messagePreview } from "@codex-ts/core";
import type {
  CodexThread,
  KeptThreadOptions,
  ThreadEvent,
  TurnOptions,
  TurnStream,
} from "@codex-ts/core";
import type { ThreadRequest } from "../app-server-options.ts";
import type { Connection } from "../connection/connection.ts";
import type { ClientTool } from "../params/client-tool-params.ts";
import type { ThreadSettingsFacts } from "../wire/settings.ts";
import type { TurnNotifications } from "./turn-notifications.ts";

/** A thread as its client wants it. */
export interface WantedThread extends Omit<ThreadRequest, "client"> {
  readonly dynamicTools?: readonly ClientTool[] | undefined;
}

/** A thread that this process runs for a client. */
export class OpenThread {
  readonly thread: CodexThread;
  readonly options: KeptThreadOptions;
  /** The wishes of its client. */
  readonly request: WantedThread;
  /** Unix milliseconds. */
  readonly createdAtMs: number;
  readonly forkedFromId: string | null;
  readonly notifications: TurnNotifications;
  updatedAtMs: number;
  /** As the user has named it. */
  name: string | null;
  /** The first message of the user with words or images. */
  preview: string;
  /** Whether its last turn failed. */
  hasFailed = false;
  /** Whether the client receives its notifications. */
  isSubscribed = true;
  /** To be called when the client has the response that names the thread: notifies it of what has happened until then. */
  readonly announce: () => void;
  /** Changes that a turn has made for those after it. */
  #changes: Partial<TurnOptions> = {};
  #settings: ThreadSettingsFacts;
  #runningTurnId: string | undefined;
  #reviewerTurnId: string | undefined;
  readonly #connection: Connection;

  constructor(init: {
    readonly thread: CodexThread;
    readonly options: KeptThreadOptions;
    readonly request: WantedThread;
    readonly settings: ThreadSettingsFacts;
    readonly createdAtMs: number;
    readonly updatedAtMs: number;
    readonly forkedFromId: string | null;
    readonly name: string | null;
    readonly preview: string;
    readonly notifications: TurnNotifications;
    readonly connection: Connection;
    readonly announce: () => void;
  }) {
    this.thread = init.thread;
    this.options = init.options;
    this.request = init.request;
    this.createdAtMs = init.createdAtMs;
    this.updatedAtMs = init.updatedAtMs;
    this.forkedFromId = init.forkedFromId;
    this.name = init.name;
    this.preview = init.preview;
    this.#settings = init.settings;
    this.notifications = init.notifications;
    this.#connection = init.connection;
    this.announce = init.announce;
  }

  get threadId(): string {
    return this.thread.threadId;
  }

  /** Which turn nobody has read. */
  get readState(): object | undefined {
    return this.notifications.readState;
  }

  /** As the last turn left them. */
  get settings(): ThreadSettingsFacts {
    return this.#settings;
  }

  /** The turn that runs. */
  get runningTurnId(): string | undefined {
    return this.#runningTurnId;
  }

  /** Whether a client means the running turn: by its id, or while it reviews by that of the reviewer's turn. */
  isRunning(turnId: string): boolean {
    return turnId === this.#runningTurnId || turnId === this.#reviewerTurnId;
  }

  get isPersistent(): boolean {
    return this.options.ephemeral !== true;
  }

  /** Notes what of the thread's events other requests ask for. */
  note(event: ThreadEvent, now: number): void {
    if (event.type === "reviewer_event") return this.#noteReviewer(event.msg.event);
    if (event.type === "review_entered" || event.type === "task_started") {
      this.#runningTurnId = event.msg.turn_id;
      this.hasFailed = false;
    }
    if (event.type === "error") this.hasFailed = true;
    if (event.type === "task_complete" || event.type === "turn_aborted") {
      this.#runningTurnId = undefined;
      this.#reviewerTurnId = undefined;
      this.updatedAtMs = now;
    }
    this.#notePreview(event);
  }

  #noteReviewer(event: ThreadEvent): void {
    if (event.type === "task_started") this.#reviewerTurnId = event.msg.turn_id;
    if (event.type === "error") this.hasFailed = true;
    this.#notePreview(event);
  }

  #notePreview(event: ThreadEvent): void {
    if (event.type !== "item_completed" || event.msg.item.type !== "UserMessage") return;
    if (this.preview !== "") return;
    this.preview = messagePreview(event.msg.item.content);
  }

  /** Options of a turn, and of those after it, with what earlier turns have changed. */
  change(
    options: Partial<TurnOptions>,
    settings: Partial<ThreadSettingsFacts>,
  ): Partial<TurnOptions> {
    this.#changes = { ...this.#changes, ...options };
    this.#settings = { ...this.#settings, ...settings };
    return this.#changes;
  }

  /** Reads a turn to its end, as fast as the client does: the notifications are made beside it. */
  follow(turn: TurnStream): void {
    void this.#drain(turn);
  }

  async #drain(turn: TurnStream): Promise<void> {
    try {
      for await (const _ of turn) await this.#connection.ready();
    } catch {
      // The end of a turn is an event, whatever it comes from.
    }
  }
}
