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

const IMAGE = { type: "input_image", image_url: "data:x", detail: 1.5 };

/** Items a history is made of; few enough that repetitions happen. */
function itemOf(a: number, b: number): object {
  const callId = `c${b % 3}`;
  const id = a % 2 === 0 ? {} : { id: `m${b % 4}` };
  const kinds: readonly (() => object)[] = [
    () => message("user", `text ${b % 3}`, id),
    () => message("assistant", `answer "${b % 3}" \u00e9\n`, id),
    () => ({ ...functionCall(callId, '{"cmd": "ls", "2": 1.0}'), ...id }),
    () => functionOutput(callId, `done ${b % 2}`),
    () => execItem(callId, "1+1"),
    () => customOutput(callId, "2"),
    () => ({
      type: "reasoning",
      summary: b % 2 === 0 ? [] : [{ type: "summary_text", text: "s" }],
      encrypted_content: `e${b % 3}`,
      ...id,
    }),
    () => ({ type: "message", role: "user", content: [IMAGE], ...id }),
    () => functionOutput(callId, [IMAGE]),
    () => ({ type: "additional_tools", tools: [] }),
    () => ({ type: "web_search_call", status: "done", call_id: callId, "7": 1e21 }),
    () => ({ type: "hologram", id: `h${b % 2}` }),
    () => message("nobody", "x"),
  ];
  // Sound items are more frequent than the last two, which are refused.
  const index = a % 29 === 0 ? kinds.length - 1 - (b % 2) : a % (kinds.length - 2);
  return kinds[index]?.() ?? {};
}

/** Turns random numbers into a session whose requests mostly repeat, but also edit, their history. */
export function randomBundle(schema: 1 | 2, steps: readonly Step[]): BundleBuilder {
  const session = new RandomSession(bundle(schema));
  for (const step of steps) session.take(step);
  return session.builder;
}

class RandomSession {
  readonly builder: BundleBuilder;
  #history: object[] = [];
  #calls = 0;
  #responses: string[] = [];

  constructor(builder: BundleBuilder) {
    this.builder = builder;
  }

  take({ kind, a, b }: Step): void {
    const steps: readonly (() => unknown)[] = [
      () => this.#request(a, b),
      () => this.#request(a, b),
      () => this.#request(a, b),
      () => this.#edit(a, b),
      () => this.#respond(a, b),
      () => this.#respond(a, b),
      () => this.builder.tool(`c${b % 3}`, a % 2 === 0 ? "web" : { type: "other", name: "exec" }),
      () => this.builder.toolEnd(`c${b % 3}`, { type: "error", error: "x" }),
      () => this.#cell(a, b),
      () => this.#compact(a, b),
      () => this.builder.accept(`m${b % 4}`),
      () => this.builder.endTurn("cancelled"),
      () => this.builder.cutShort("failed", `call-${b % (this.#calls + 1)}`, [itemOf(a, b)]),
    ];
    const isMissingHere = this.builder.schema === 1 && kind % steps.length === 10;
    if (!isMissingHere) steps[kind % steps.length]?.();
  }

  /** As text: head, spacing and tail vary, as does what a bundle may get wrong. */
  #request(a: number, b: number): void {
    for (let index = 0; index < 1 + (a % 3); index += 1) this.#history.push(itemOf(a + index, b));
    this.#calls += 1;
    const call = `call-${this.#calls}`;
    const head = b % 5 === 0 ? `"instructions":"${a % 3}",` : "";
    const input = JSON.stringify(this.#history, null, 2);
    const tails = [
      `"tools": [{"x":"]}"}], "client_metadata": {"n": "${a}"}`,
      `"tools": [{"x":"]}"}], "store": false, "client_metadata": {"n": "${b}"}`,
      '"previous_response_id": null',
      `"input": [${JSON.stringify(itemOf(b, a))}]`,
      `"broken": {`,
    ];
    const previous = this.#responses.at(-1);
    const isIncremental = previous !== undefined && b % 7 === 0;
    const text = isIncremental
      ? `{"previous_response_id": "${previous}", "input": [${JSON.stringify(itemOf(a, b))}]}`
      : `{"model": "m", ${head}\n"input": ${input},\n${tails[a % 37 === 0 ? 3 + (b % 2) : b % 3]}}`;
    this.builder.request(call, text);
  }

  #edit(a: number, b: number): void {
    const at = a % (this.#history.length + 1);
    this.#history = [...this.#history];
    if (b % 3 === 0) this.#history.splice(at, 1);
    else if (b % 3 === 1) this.#history.splice(at, 0, itemOf(a, b));
    else this.#history = this.#history.slice(0, at);
  }

  #respond(a: number, b: number): void {
    const call = `call-${this.#calls - (a % 5 === 0 ? 1 : 0)}`;
    const items = [itemOf(a, b)];
    const responseId = `resp-${this.#calls}`;
    this.#responses.push(responseId);
    this.builder.response(call, items, { responseId });
    this.#history.push(...items);
  }

  #cell(a: number, b: number): void {
    if (a % 2 === 0) {
      const members = {
        runtime_cell_id: `${b % 2}`,
        model_visible_call_id: `c${b % 3}`,
        source_js: "1",
      };
      this.builder.event("code_cell_started", members);
    } else
      this.builder.event("code_cell_ended", { runtime_cell_id: `${b % 2}`, status: "completed" });
  }

  #compact(a: number, b: number): void {
    const replacement = [...this.#history.slice(-(b % 3)), itemOf(a, b)];
    const checkpoint = { input_history: this.#history, replacement_history: replacement };
    this.builder.event("compaction_installed", {
      compaction_id: `k${a}-${b}`,
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
