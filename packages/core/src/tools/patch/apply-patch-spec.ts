import type { JsonObject } from "@codex-ts/protocol";

/** The format of a patch, for servers that hold a model to it. */
const GRAMMAR = String.raw`start: "*** Begin Patch" LF file+ "*** End Patch" LF?
file: add | delete | update
add: "*** Add File: " path LF new_line+
delete: "*** Delete File: " path LF
update: "*** Update File: " path LF move? chunks?
move: "*** Move to: " path LF
chunks: (place | line)+ last?
place: ("@@" | "@@ " /(.+)/) LF
line: (" " | "+" | "-") /(.*)/ LF
last: "*** End of File" LF
new_line: "+" /(.*)/ LF
path: /(.+)/
%import common.LF
`;

/** Definition of `apply_patch` in requests: a tool that takes free text. */
export const APPLY_PATCH_SPEC: JsonObject = {
  type: "custom",
  name: "apply_patch",
  description:
    "Edit files with a patch: add, delete, update and move them. The input is the patch itself, not JSON.",
  format: { type: "grammar", syntax: "lark", definition: GRAMMAR },
};
