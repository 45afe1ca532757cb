import { expect, test } from "vitest";
import {
  agentName,
  joinAgentPath,
  parseAgentPath,
  ProtocolError,
  resolveAgentPath,
  ROOT_AGENT_PATH,
  toolNameText,
} from "@codex-ts/protocol";

const refused = (run: () => unknown): boolean => {
  try {
    run();
  } catch (error) {
    return ProtocolError.is(error) && error.code === "invalid_agent_path";
  }
  return false;
};

test.each(["/root", "/root/helper", "/root/a_1/b2", "/morpheus"])(
  "[protocol/P15] accepts %s",
  (path) => {
    expect(parseAgentPath(path)).toBe(path);
  },
);

test.each([
  "",
  "/",
  "root",
  "root/a",
  "/other",
  "/root/",
  "/root//a",
  "/root/A",
  "/root/a-b",
  "/root/root",
  "/root/.",
  "/root/..",
  "/root/a/../b",
  "/morpheus/a",
  "/root/é",
])("[protocol/P15] refuses %j", (path) => {
  expect(refused(() => parseAgentPath(path))).toBe(true);
});

test("[protocol/P15] joins one name below a path", () => {
  expect(joinAgentPath(ROOT_AGENT_PATH, "helper")).toBe("/root/helper");
  expect(joinAgentPath(parseAgentPath("/root/helper"), "b")).toBe("/root/helper/b");
  for (const name of ["", "a/b", "root", "..", "X"]) {
    expect(refused(() => joinAgentPath(ROOT_AGENT_PATH, name))).toBe(true);
  }
  expect(refused(() => joinAgentPath(parseAgentPath("/morpheus"), "a"))).toBe(true);
});

test("[protocol/P15] resolves absolute references and those below the agent itself", () => {
  const self = parseAgentPath("/root/helper");
  expect(resolveAgentPath(self, "/root/other")).toBe("/root/other");
  expect(resolveAgentPath(self, "b/c")).toBe("/root/helper/b/c");
  for (const reference of ["", "..", "../other", "./b", "b/"]) {
    expect(refused(() => resolveAgentPath(self, reference))).toBe(true);
  }
});

test("the name of an agent is the last part of its path", () => {
  expect(agentName(ROOT_AGENT_PATH)).toBe("root");
  expect(agentName(parseAgentPath("/root/a/b"))).toBe("b");
  expect(agentName(parseAgentPath("/morpheus"))).toBe("morpheus");
});

test("a tool is shown with its namespace directly before its name", () => {
  expect(toolNameText({ name: "add", namespace: "mcp__demo__" })).toBe("mcp__demo__add");
  expect(toolNameText({ name: "add", namespace: null })).toBe("add");
});
