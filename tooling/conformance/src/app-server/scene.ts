import type { Compatibility } from "@codex-ts/protocol";
import type { Exchange } from "@codex-ts/responses-server";
import type { LiveScenario } from "../programs/live-scenario.ts";
import type { Client } from "./client.ts";

/** The surroundings of a scene. */
export interface SceneFacts {
  /** Working directory, absolute. */
  readonly cwd: string;
  readonly compatibility: Compatibility;
  /** Waits until the model has been asked so many times. */
  readonly asked: (count: number) => Promise<void>;
  /** Lets the model go on at a gate of the script. */
  readonly release: (gate: string) => void;
}

/** What a client does with a server, while the model follows a script. */
export interface Scene extends Pick<
  LiveScenario,
  "config" | "features" | "files" | "git" | "model"
> {
  readonly name: string;
  readonly script: readonly Exchange[];
  readonly play: (client: Client, facts: SceneFacts) => Promise<void>;
}

/** A text as input of a turn. */
export function text(words: string): readonly object[] {
  return [{ type: "text", text: words, text_elements: [] }];
}

/** Introduces the client. `unwanted`: notifications that are of no matter to the scene. */
export async function initialize(client: Client, unwanted: readonly string[] = []): Promise<void> {
  const clientInfo = { name: "every-method", title: null, version: "1.0.0" };
  const capabilities = { experimentalApi: true, optOutNotificationMethods: unwanted };
  await client.call("initialize", "initialize", { clientInfo, capabilities });
  client.send({ method: "initialized" });
}
