import { describe, expect, test } from "vitest";
import { parsePatch, PatchError } from "@codex-ts/apply-patch";
import { errorOf, patchOf } from "../support/patch-text.ts";

const ADD = { type: "add", path: "n", content: "x\n" };
const HEADERS =
  "Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'";
const EVERY_LINE =
  "Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)";

describe("what is a patch", () => {
  test("[apply-patch/P1] has hunks that add, delete, update and move files", () => {
    const patch = parsePatch(
      patchOf(
        "*** Add File: new file",
        "+a",
        "+",
        "*** Delete File: gone",
        "*** Update File: from",
        "*** Move to: to",
        " kept",
        "-old",
        "+new",
        "*** End of File",
        "@@ class A",
        "",
        "+b",
      ),
    );
    expect(patch.hunks).toEqual([
      { type: "add", path: "new file", content: "a\n\n" },
      { type: "delete", path: "gone" },
      {
        type: "update",
        path: "from",
        movePath: "to",
        chunks: [
          {
            context: undefined,
            lines: [
              { type: "context", text: "kept" },
              { type: "removed", text: "old" },
              { type: "added", text: "new" },
            ],
            isEndOfFile: true,
          },
          {
            context: "class A",
            lines: [
              { type: "context", text: "" },
              { type: "added", text: "b" },
            ],
            isEndOfFile: false,
          },
        ],
      },
    ]);
  });

  test.each([
    ["white space around", ` \n${patchOf("*** Add File: n", "+x")}\n\n`],
    ["indented markers", "  *** Begin Patch \n \t*** Add File: n  \n+x\n  *** End Patch"],
    ["CRLF", patchOf("*** Add File: n", "+x").replaceAll("\n", "\r\n")],
    ["a heredoc", `<<EOF\n${patchOf("*** Add File: n", "+x")}\nEOF\n`],
    ["a quoted heredoc", `<<'EOF'\n${patchOf("*** Add File: n", "+x")}\nEOF`],
    ["two ends", patchOf("*** Add File: n", "+x", "*** End Patch", "", " ")],
  ])("[apply-patch/P2] %s is forgiven", (_, text) => {
    expect(parsePatch(text).hunks).toEqual([ADD]);
  });

  test("[apply-patch/P2] the text is that of the patch without its heredoc", () => {
    const text = patchOf("*** Add File: n", "+x");
    expect(parsePatch(`<<"EOF"\r\n${text.replaceAll("\n", "\r\n")}\r\nEOF`).text).toBe(text);
  });

  test("[apply-patch/P3] names an environment, or none", () => {
    expect(parsePatch(patchOf("*** Environment ID: box ", "*** Delete File: a"))).toMatchObject({
      environmentId: "box",
      hunks: [{ type: "delete" }],
    });
    expect(parsePatch(patchOf()).environmentId).toBeUndefined();
  });

  test("[apply-patch/P4] an indented header inside an update is a line of context", () => {
    const { hunks } = parsePatch(patchOf("*** Update File: f", "-b", " *** Delete File: f"));
    expect(hunks).toHaveLength(1);
  });
});

describe("what is none", () => {
  test.each([
    ["", "invalid patch: The last line of the patch must be '*** End Patch'", undefined],
    ["junk", "invalid patch: The first line of the patch must be '*** Begin Patch'", undefined],
    [
      `${patchOf()}\njunk`,
      "invalid patch: The last line of the patch must be '*** End Patch'",
      undefined,
    ],
    [
      patchOf("*** End Patch", "*** End Patch"),
      "invalid patch: The last line of the patch must be '*** End Patch'",
      undefined,
    ],
    [
      patchOf("*** End Patch", "*** Delete File: a"),
      "invalid patch: The last line of the patch must be '*** End Patch'",
      undefined,
    ],
    [
      `<<'EOF'\n*** Begin Patch\nEOF`,
      "invalid patch: The first line of the patch must be '*** Begin Patch'",
      undefined,
    ],
    [
      patchOf("*** Environment ID: "),
      "invalid patch: apply_patch environment_id cannot be empty",
      undefined,
    ],
    [
      patchOf("*** Bogus: n"),
      `invalid hunk at line 2, '*** Bogus: n' is not a valid hunk header. ${HEADERS}`,
      2,
    ],
    [
      patchOf("*** Add File: n", "+x", ""),
      `invalid hunk at line 4, '' is not a valid hunk header. ${HEADERS}`,
      4,
    ],
    [
      patchOf("*** Delete File: n", "+x"),
      `invalid hunk at line 3, '+x' is not a valid hunk header. ${HEADERS}`,
      3,
    ],
    [
      patchOf("*** Delete File: n", "*** Update File: f"),
      "invalid hunk at line 3, Update file hunk for path 'f' is empty",
      3,
    ],
    [
      patchOf("*** Update File: f", "*** Move to: g"),
      "invalid hunk at line 2, Update file hunk for path 'f' is empty",
      2,
    ],
    [
      patchOf("*** Update File: f", "@@"),
      "invalid hunk at line 4, Update hunk does not contain any lines",
      4,
    ],
    [
      patchOf("*** Update File: f", "@@ a", "*** End of File"),
      "invalid hunk at line 4, Update hunk does not contain any lines",
      4,
    ],
    [
      patchOf("*** Update File: f", "foo"),
      `invalid hunk at line 3, Unexpected line found in update hunk: 'foo'. ${EVERY_LINE}`,
      3,
    ],
    [
      patchOf("*** Update File: f", "@@ a", "@@ b"),
      `invalid hunk at line 4, Unexpected line found in update hunk: '@@ b'. ${EVERY_LINE}`,
      4,
    ],
    [
      patchOf("*** Update File: f", "-a", "*** Move to: g"),
      "invalid hunk at line 4, Expected update hunk to start with a @@ context marker, got: '*** Move to: g'",
      4,
    ],
    [
      patchOf("*** Update File: f", "-a", "*** End of File", "", "-b"),
      "invalid hunk at line 6, Expected update hunk to start with a @@ context marker, got: '-b'",
      6,
    ],
  ])("[apply-patch/P5] %j: %s", async (text, message, line) => {
    const error = await errorOf(() => parsePatch(text));
    expect(error).toMatchObject({ code: "invalid_patch", message, line });
    expect(PatchError.is(error)).toBe(true);
  });
});
