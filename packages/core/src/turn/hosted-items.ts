import type {
  ImageGenerationCallItem,
  TurnItem,
  WebSearchAction,
  WebSearchCallItem,
} from "@codex-ts/protocol";

type ItemOf<Type extends TurnItem["type"]> = Extract<TurnItem, { readonly type: Type }>;

/** A search of the server, as a turn shows it. */
export function webSearchItem({ id, action }: WebSearchCallItem): ItemOf<"WebSearch"> {
  const shown = action ?? { type: "other" };
  return { type: "WebSearch", id: id ?? "", query: queryOf(shown), action: shown };
}

/** The search in one line. Machine-read, the same in Codex. */
function queryOf(action: WebSearchAction): string {
  switch (action.type) {
    case "search": {
      const [first = "", ...others] = action.queries ?? [];
      return action.query || (others.length === 0 ? first : `${first} ...`);
    }
    case "open_page":
      return action.url ?? "";
    case "find_in_page": {
      const { url, pattern } = action;
      if (pattern === undefined) return url ?? "";
      return url === undefined ? `'${pattern}'` : `'${pattern}' in ${url}`;
    }
    case "other":
      return "";
    default:
      return action satisfies never;
  }
}

/** An image of the server, as a turn shows it. `savedPath`: where it is kept. */
export function imageItem(
  { id, status, revised_prompt, result }: ImageGenerationCallItem,
  savedPath?: string,
): ItemOf<"ImageGeneration"> {
  return {
    type: "ImageGeneration",
    id: id ?? "",
    status,
    ...(revised_prompt !== undefined && { revised_prompt }),
    result,
    ...(savedPath !== undefined && { saved_path: savedPath }),
  };
}
