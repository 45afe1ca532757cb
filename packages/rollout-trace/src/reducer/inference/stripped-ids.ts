import { isJsonObject } from "@codex-ts/protocol";
import type { EventPayload } from "../../format/raw-event.ts";
import { quote } from "../../reader/problem.ts";
import type { ReducerContext } from "../context.ts";
import { isOutputItem } from "../normalize/normalize-item.ts";
import type { SourceItem } from "../normalize/normalized-item.ts";
import type { RequestContent } from "../request-cache/request-content.ts";
import { ResolvedElements } from "../request-cache/resolved-elements.ts";

/** Schema 3: restores the ids of outputs that a request was sent without, because its provider takes none. */
export function withStrippedIds(
  context: ReducerContext,
  content: RequestContent,
  {
    stripped_tool_output_ids: stripped,
    inference_call_id: callId,
  }: EventPayload<"inference_started">,
): RequestContent {
  if (stripped === undefined || stripped === null || stripped.length === 0) return content;
  const ids = new Map<number, string>();
  for (const [index, id] of stripped) {
    const value = index < content.count ? content.source(index).value : undefined;
    const given = ids.get(index) ?? (isJsonObject(value) ? value["id"] : undefined);
    if (isJsonObject(value) && isOutputItem(value) && given === undefined) ids.set(index, id);
    else {
      context.problem(
        "item_invalid",
        `request of call ${quote(callId)} has no output without an id at position ${index}`,
        { objectId: callId },
      );
    }
  }
  return {
    ...content,
    // What the same bytes became before, they became under other ids.
    sharedCount: 0,
    known: new ResolvedElements(),
    source(index) {
      const source = content.source(index);
      const id = ids.get(index);
      return id === undefined ? source : withId(source, id);
    },
  };
}

function withId(source: SourceItem, id: string): SourceItem {
  const value = isJsonObject(source.value) ? { ...source.value, id } : source.value;
  return { ...source, value, exact: () => source.exact() };
}
