import { describe, expect, test } from "vitest";
import { describeHost, formatUserAgent, HeaderBag, resolveOriginator } from "@codex-ts/api";
import { describeLinux } from "../../src/network/user-agent.ts";

const host = { osName: "Debian", osVersion: "12.0.0", architecture: "x86_64", terminal: "xterm" };

describe("[api/J7] the user agent", () => {
  test("has the form of the reference client", () => {
    const parts = { originator: "codex_exec", clientVersion: "0.140.0", host };
    expect(formatUserAgent(parts)).toBe("codex_exec/0.140.0 (Debian 12.0.0; x86_64) xterm");
    expect(formatUserAgent({ ...parts, suffix: "codex_exec; 0.140.0" })).toBe(
      "codex_exec/0.140.0 (Debian 12.0.0; x86_64) xterm (codex_exec; 0.140.0)",
    );
  });

  test.each([
    ["naïve", "na_ve"],
    ["line\nbreak", "line_break"],
    ["tab\there", "tab_here"],
    ["🥊", "_"],
    ["\u007f\u0000", "__"],
  ])("a suffix of %j becomes %j and is a legal header", (suffix, shown) => {
    const text = formatUserAgent({ originator: "o", clientVersion: "1", host, suffix });
    expect(text).toBe(`o/1 (Debian 12.0.0; x86_64) xterm (${shown})`);
    expect(new HeaderBag([["user-agent", text]]).get("user-agent")).toBe(text);
  });
});

test.each([
  [{ CODEX_INTERNAL_ORIGINATOR_OVERRIDE: "env" }, "host", "env"],
  [{ CODEX_INTERNAL_ORIGINATOR_OVERRIDE: "" }, "host", "host"],
  [{}, "host", "host"],
  [{}, undefined, "codex_ts"],
])("[api/J7] the originator of %j and %s is %s", (env, given, originator) => {
  expect(resolveOriginator(env, given)).toBe(originator);
});

test.each([
  ['NAME="Debian GNU/Linux"\nVERSION_ID="12"\n', "Debian", "12.0.0"],
  ['NAME="Ubuntu"\nVERSION_ID="24.04"\n', "Ubuntu", "24.4.0"],
  ["NAME=Fedora\nVERSION_ID=43\n", "Fedora", "43.0.0"],
  ['NAME="Alpine Linux"\nVERSION_ID=3.22.1\n', "Alpine", "3.22.1"],
  ['NAME="Arch Linux"\n', "Arch", "unknown"],
  ["", "Linux", "unknown"],
])("reads %j as %s %s", (text, osName, osVersion) => {
  expect(describeLinux(text)).toEqual({ osName, osVersion });
});

test.each([
  [{ TERM_PROGRAM: "iTerm.app", TERM_PROGRAM_VERSION: "3.5" }, "iTerm.app/3.5"],
  [{ TERM_PROGRAM: "vscode", TERM: "xterm" }, "vscode"],
  [{ TERM: "xterm-256color" }, "xterm-256color"],
  [{}, "unknown"],
])("the terminal of %j is %s", (env, terminal) => {
  expect(describeHost(env).terminal).toBe(terminal);
});
