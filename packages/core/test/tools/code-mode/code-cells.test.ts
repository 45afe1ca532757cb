import { expect, test } from "vitest";
import { ThreadTrace } from "@codex-ts/rollout-trace/recorder";
import { CodeCells } from "../../../src/tools/code-mode/code-cells.ts";
import { NestedCalls } from "../../../src/tools/code-mode/nested-calls.ts";
import { nestedTools } from "../../../src/tools/code-mode/nested-tools.ts";
import type { Tool, ToolCall } from "../../../src/tools/tool.ts";

/** A busy machine starts a thread slowly. */
const TIMEOUT_MS = 60_000;
const OWNER = { callId: "call_1", turnId: "turn_1" };
const never = new AbortController().signal;

const echo = (name: string, seen: ToolCall[] = []): Tool => ({
  name,
  kind: "function",
  spec: { description: `The tool ${name}.` },
  parallel: true,
  run: async (call) => {
    seen.push(call);
    return { output: call.input };
  },
});

const served = (sandboxMode: ToolCall["sandboxMode"]): NestedCalls =>
  new NestedCalls({
    trace: ThreadTrace.disabled(),
    turn: {
      threadId: "thread_1",
      // Calls belong to the turn of their cell.
      turnId: "turn_2",
      cwd: "/",
      sandboxMode,
      approvalPolicy: "never",
      outputBudget: { mode: "bytes", limit: 1000 },
      signal: never,
      now: Date.now,
      report: { nextItemId: () => "item_0", emit: () => {} },
    },
  });

test(
  "[core/code-mode-stop] what a script calls between turns waits for the next one, and has the rights of that one",
  async () => {
    const seen: ToolCall[] = [];
    const cells = new CodeCells(nestedTools([echo("echo", seen)], { listsGroups: true }), Date.now);
    cells.serve(served("danger-full-access"));
    const opened = await cells.open(OWNER);
    await cells.endTurn({ isStopped: false });
    await cells.run(opened, 'text("s"); text(await tools.echo({ a: 1 }));');
    const before = await opened.cell.report(200, never);
    expect(before).toMatchObject({ status: "running", items: [{ text: "s" }] });
    expect(seen).toEqual([]);
    cells.serve(served("read-only"));
    const after = await opened.cell.report(20_000, never);
    expect(after).toMatchObject({ status: "completed", items: [{ text: '{"a":1}' }] });
    expect(seen).toMatchObject([{ turnId: "turn_1", sandboxMode: "read-only" }]);
    await cells.close();
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-stop] a script calls the tools it was told of, whatever is offered since",
  async () => {
    const seen: ToolCall[] = [];
    const others: ToolCall[] = [];
    const form = { listsGroups: true };
    const cells = new CodeCells(nestedTools([echo("echo", seen)], form), Date.now);
    cells.serve(served("read-only"));
    const opened = await cells.open(OWNER);
    const source = 'yield_control(); await tools.echo({ a: 1 }); text("called");';
    const begun = cells.run(opened, `await new Promise((r) => setTimeout(r, 300)); ${source}`);
    await begun;
    cells.offer(nestedTools([echo("another", others), echo("echo", seen)], form));
    cells.offer([]);
    await opened.cell.report(20_000, never);
    const after = await opened.cell.report(20_000, never);
    expect(after).toMatchObject({ status: "completed", items: [{ text: "called" }] });
    expect([seen.length, others.length]).toEqual([1, 0]);
    await cells.close();
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-hostile] a thread has a limited number of cells",
  async () => {
    const cells = new CodeCells([], Date.now);
    for (let count = 0; count < 8; count += 1) await cells.open(OWNER);
    await expect(cells.open(OWNER)).rejects.toThrow("8 cells are open; end some of them first");
    await cells.close();
    await expect(cells.open(OWNER)).resolves.toMatchObject({ id: "9", cell: { isOver: true } });
  },
  TIMEOUT_MS,
);

test("[core/code-mode-exec] names of tools become identifiers, each its own, and those for the model alone are left out", () => {
  const tools = ["b-c", "b_c", "1st", "exec", "wait", "request_user_input"].map((name) =>
    echo(name),
  );
  expect(
    nestedTools(tools, { listsGroups: true }).map(({ name, tool }) => [name, tool.name]),
  ).toEqual([
    ["_1st", "1st"],
    ["b_c", "b-c"],
    ["b_c_2", "b_c"],
  ]);
});
