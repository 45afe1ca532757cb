import {
  BundleBuilder,
  bundle,
  customOutput,
  execItem,
  functionCall,
  functionOutput,
  message,
  THREAD,
} from "./bundle-builder.ts";

/** One step of a random session; what the numbers mean depends on the kind of step. */
export interface Step {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
}

/** `sound` sessions mostly keep the rules, so that they reach deep; `any` ones break every rule there is. */
export type Manners = "sound" | "any";

const IMAGE = { type: "input_image", image_url: "data:x", detail: 1.5 };

/** Items that may follow each other in any order without breaking a rule. */
const SOUND_ITEMS: readonly ((b: number, id: object) => object)[] = [
  (b, id) => message("user", `text ${b % 3}`, id),
  (b, id) => message("assistant", `answer "${b % 3}" \u00e9\n`, id),
  (b, id) => ({ ...functionCall(`c${b % 3}`, '{"cmd": "ls", "2": 1.0}'), ...id }),
  (b) => functionOutput(`c${b % 3}`, "done"),
  (b) => execItem(`x${b % 3}`, "1+1"),
  (b) => customOutput(`x${b % 3}`, "2"),
  (b, id) => reasoning(b, id),
  (_, id) => ({ type: "message", role: "user", content: [IMAGE], ...id }),
  (b) => ({ type: "web_search_call", status: "done", call_id: `w${b % 2}`, "7": 1e21 }),
  (b, id) => agentMessage(b, id),
];

/** Items of schema 2 only, items that contradict others, and items nobody knows. */
const OTHER_ITEMS: readonly ((b: number) => object)[] = [
  () => ({ type: "additional_tools", tools: [] }),
  (b) => functionOutput(`c${b % 3}`, `done ${b % 2}`),
  () => functionOutput("c1", [IMAGE]),
  (b) => functionCall(`c${b % 3}`, "{}"),
  (b) => ({ type: "hologram", id: `h${b % 2}` }),
  () => message("nobody", "x"),
];

function reasoning(b: number, id: object): object {
  const summary = b % 2 === 0 ? [] : [{ type: "summary_text", text: "s" }];
  return { type: "reasoning", summary, encrypted_content: `e${b % 3}`, ...id };
}

function agentMessage(b: number, id: object): object {
  const content = [{ type: "input_text", text: `note ${b % 2}` }];
  return { type: "agent_message", author: "/root/helper", recipient: "/root", content, ...id };
}

/** Turns random numbers into a session whose requests mostly repeat, but also edit, their history. */
export function randomBundle(
  schema: 1 | 2,
  steps: readonly Step[],
  manners: Manners = "any",
): BundleBuilder {
  const session = new RandomSession(bundle(schema), manners);
  for (const step of steps) session.take(step);
  return session.builder;
}

class RandomSession {
  readonly builder: BundleBuilder;
  readonly #isSound: boolean;
  readonly #tools = new Set<string>();
  readonly #cells = new Set<string>();
  #history: object[] = [];
  #calls = 0;
  #responses: string[] = [];

  constructor(builder: BundleBuilder, manners: Manners) {
    this.builder = builder;
    this.#isSound = manners === "sound";
  }

  take({ kind, a, b }: Step): void {
    const steps: readonly (() => unknown)[] = [
      () => this.#request(a, b),
      () => this.#request(a, b),
      () => this.#request(a, b),
      () => this.#edit(a, b),
      () => this.#respond(a, b),
      () => this.#respond(a, b),
      () => this.#startTool(a, b),
      () => this.#endTool(b),
      () => this.#cell(a, b),
      () => this.#compact(a, b),
      () => this.#accept(a, b),
      () => this.builder.endTurn("cancelled"),
      () => this.#fail(a, b),
    ];
    steps[kind % steps.length]?.();
  }

  #item(a: number, b: number): object {
    const id = a % 2 === 0 ? {} : { id: `m${b % 4}` };
    const sound = SOUND_ITEMS[a % SOUND_ITEMS.length]?.(b, id) ?? {};
    if (this.#isSound) {
      const isTools = this.builder.schema === 2 && a % 23 === 0;
      return isTools ? { type: "additional_tools", tools: [] } : sound;
    }
    return a % 11 === 0 ? (OTHER_ITEMS[b % OTHER_ITEMS.length]?.(b) ?? {}) : sound;
  }

  /** As text: head, spacing and tail vary, as does what a bundle may get wrong. */
  #request(a: number, b: number): void {
    for (let index = 0; index < 1 + (a % 3); index += 1)
      this.#history.push(this.#item(a + index, b));
    this.#calls += 1;
    const call = `call-${this.#calls}`;
    const head = b % 5 === 0 ? `"instructions":"${a % 3}",` : "";
    const input = JSON.stringify(this.#history, null, 2);
    const tails = [
      `"tools": [{"x":"]}"}], "client_metadata": {"n": "${a}"}`,
      `"tools": [{"x":"]}"}], "store": false, "client_metadata": {"n": "${b}"}`,
      '"previous_response_id": null',
      `"input": [${JSON.stringify(this.#item(b, a))}]`,
      `"broken": {`,
    ];
    const isOdd = a % 37 === 0;
    const tail = tails[isOdd ? (this.#isSound ? 3 : 3 + (b % 2)) : b % 3];
    const previous = this.#responses.at(-1);
    const isIncremental = previous !== undefined && b % 7 === 0;
    const delta = JSON.stringify(this.#isSound ? this.#history.slice(-1) : [this.#item(a, b)]);
    const text = isIncremental
      ? `{"previous_response_id": "${previous}", "input": ${delta}}`
      : `{"model": "m", ${head}\n"input": ${input},\n${tail}}`;
    this.builder.request(call, text);
  }

  #edit(a: number, b: number): void {
    const at = a % (this.#history.length + 1);
    this.#history = [...this.#history];
    if (b % 3 === 0) this.#history.splice(at, 1);
    else if (b % 3 === 1) this.#history.splice(at, 0, this.#item(a, b));
    else this.#history = this.#history.slice(0, at);
  }

  #respond(a: number, b: number): void {
    const number = this.#calls - (a % 5 === 0 ? 1 : 0);
    if (this.#isSound && number < 1) return;
    const items = [this.#item(a, b)];
    const responseId = `resp-${number}`;
    if (number === this.#calls) this.#responses.push(responseId);
    this.builder.response(`call-${number}`, items, { responseId });
    this.#history.push(...items);
  }

  #fail(a: number, b: number): void {
    const number = b % (this.#calls + 1);
    if (this.#isSound && number < 1) return;
    this.builder.cutShort("failed", `call-${number}`, [this.#item(a, b)]);
  }

  #startTool(a: number, b: number): void {
    const id = `${a % 3 === 0 ? "x" : "c"}${b % 3}`;
    if (this.#isSound && this.#tools.has(id)) return;
    this.#tools.add(id);
    this.builder.tool(id, a % 2 === 0 ? "web" : { type: "other", name: "exec" });
  }

  #endTool(b: number): void {
    const id = `c${b % 3}`;
    if (this.#isSound && !this.#tools.has(id)) return;
    this.builder.toolEnd(id, { type: "error", error: "x" });
  }

  #cell(a: number, b: number): void {
    const runtime = `${b % 3}`;
    const isKnown = this.#cells.has(runtime);
    if (this.#isSound ? !isKnown : a % 2 === 0) {
      this.#cells.add(runtime);
      this.builder.event("code_cell_started", {
        runtime_cell_id: runtime,
        model_visible_call_id: `x${b % 3}`,
        source_js: "1",
      });
    } else {
      const type = a % 3 === 0 ? "code_cell_initial_response" : "code_cell_ended";
      const status = a % 5 === 0 ? "yielded" : "completed";
      this.builder.event(type, { runtime_cell_id: runtime, status });
    }
  }

  #accept(a: number, b: number): void {
    if (this.builder.schema === 1) return;
    const id = { id: `m${b % 4}` };
    if (a % 3 === 0) this.builder.accept(id.id, agentMessage(a, id));
    else this.builder.accept(id.id);
  }

  #compact(a: number, b: number): void {
    const replacement = [...this.#history.slice(-(b % 3)), this.#item(a, b)];
    const checkpoint = { input_history: this.#history, replacement_history: replacement };
    this.builder.event("compaction_installed", {
      compaction_id: `k${this.builder.seq}`,
      checkpoint_payload: this.builder.payload("compaction_checkpoint", checkpoint),
    });
    this.#history = [...replacement];
  }
}

/** The log in another order: swaps and drops events, which keep their numbers. */
export function reordered(builder: BundleBuilder, steps: readonly Step[]): BundleBuilder {
  const changed = new BundleBuilder(builder.schema);
  Object.assign(changed.payloads, builder.payloads);
  changed.events.push(...builder.events);
  for (const { kind, a, b } of steps) {
    const at = a % changed.events.length;
    if (kind % 4 === 0) changed.events.splice(at, 1);
    else {
      const [moved] = changed.events.splice(at, 1);
      if (moved !== undefined) changed.events.splice(b % (changed.events.length + 1), 0, moved);
    }
    if (changed.events.length === 0) changed.events.push({ thread: THREAD });
  }
  return changed;
}
