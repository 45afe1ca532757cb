import type { JsonValue } from "@codex-ts/protocol";
import type { JsonNode } from "../../json/node.ts";
import type {
  AgentMessageAddress,
  ConversationChannel,
  ConversationItemKind,
  ConversationPart,
  ConversationRole,
} from "../../model/conversation.ts";

/** A Responses item as a payload holds it. */
export interface SourceItem {
  readonly value: JsonValue;
  /** The payload it stands in. */
  readonly payloadId: string;
  /** Ids of the parts of that payload that were not recorded. */
  readonly lostParts: ReadonlySet<string>;
  /** The same item with key order and number text; costly, asked for only when a summary or a hash needs it. */
  exact(): JsonNode;
}

/** A Responses item in the terms of the reduced model, before it has an identity. */
export interface NormalizedItem {
  readonly role: ConversationRole;
  readonly channel: ConversationChannel | null;
  readonly kind: ConversationItemKind;
  readonly parts: readonly ConversationPart[];
  readonly callId: string | null;
  /** Schema 2: the item's id in the Responses API. */
  readonly responsesId: string | undefined;
  readonly agentMessage: AgentMessageAddress | undefined;
}

/** An item Codex does not accept. `isUnknownType` separates a new type from a malformed item of a known one. */
export class ItemError extends Error {
  override readonly name = "ItemError";
  readonly isUnknownType: boolean;

  constructor(message: string, isUnknownType = false) {
    super(message);
    this.isUnknownType = isUnknownType;
  }
}
