import type { ConversationProducer } from "../../model/conversation.ts";
import type { Item } from "./item.ts";

/** Adds a producer unless the item has it. */
export function addProducer(item: Item, producer: ConversationProducer): void {
  const known = item.record.produced_by.some(
    (other) => other.type === producer.type && producerId(other) === producerId(producer),
  );
  if (!known) item.record.produced_by.push({ ...producer });
}

/** The one member besides the type, whatever it is called. */
function producerId(producer: ConversationProducer): string {
  if (producer.type === "inference") return producer.inference_call_id;
  if (producer.type === "tool") return producer.tool_call_id;
  return producer.type === "code_cell" ? producer.code_cell_id : producer.compaction_id;
}
