import type { ObservedRequest, ObservedRun } from "../compare/observed-run.ts";

/** Threads by when they first ask for something: the one a person talks to is 0. */
export class ThreadOrder {
  readonly #places = new Map<string, number>();

  placeOf(threadId: string | undefined): number {
    const id = threadId ?? "";
    const place = this.#places.get(id) ?? this.#places.size;
    this.#places.set(id, place);
    return place;
  }
}

/** A run in which the requests of each thread stand together: those of threads that work at once come as they may. */
export function threadByThread<Run extends Pick<ObservedRun, "requests">>(run: Run): Run {
  const order = new ThreadOrder();
  const placed = run.requests.map((request) => ({
    request,
    place: order.placeOf(threadIdOf(request)),
  }));
  const requests = placed
    .toSorted((left, right) => left.place - right.place)
    .map(({ request }) => request);
  return { ...run, requests };
}

/** Id of the thread that made a request. */
export function threadIdOf({
  headers,
}: Partial<Pick<ObservedRequest, "headers">>): string | undefined {
  return headers?.find(([name]) => name.toLowerCase() === "thread-id")?.[1];
}
