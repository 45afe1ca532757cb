/** Machine of a process: its number in a filter's data, and the numbers of the system calls that are looked at. */
interface Machine {
  readonly audit: number;
  readonly socket: number;
}

const MACHINES: Readonly<Partial<Record<NodeJS.Architecture, Machine>>> = {
  x64: { audit: 0xc000003e, socket: 41 },
  arm64: { audit: 0xc00000b7, socket: 198 },
};
/** The same number on every machine. Makes sockets where the filter does not see it. */
const IO_URING_SETUP = 425;
/** System calls of the x32 interface have this bit, and other numbers than those above. */
const X32_BIT = 0x4000_0000;
const AF_UNIX = 1;

const ALLOW = 0x7fff_0000;
/** The call fails with `EPERM`. */
const REFUSE = 0x0005_0001;

/** Offsets in the data a filter sees. */
const NUMBER_AT = 0;
const MACHINE_AT = 4;
const FIRST_ARGUMENT_AT = 16;

/** Operations of a filter: load a word, return, jump when equal, jump when not less. */
const LOAD = 0x20;
const RETURN = 0x06;
const EQUAL = 0x15;
const AT_LEAST = 0x35;

/**
 * A filter for `bwrap --seccomp` under which a process can make no sockets but those of AF_UNIX: others fail with `EPERM`.
 * System calls made in the way of another machine are refused, too. `undefined` for a machine whose numbers are not known.
 */
export function socketFilter(architecture: NodeJS.Architecture = process.arch): Buffer | undefined {
  const machine = MACHINES[architecture];
  if (machine === undefined) return undefined;
  // Jumps count from the next line; the last two lines refuse and allow.
  const lines: readonly (readonly [
    code: number,
    ifTrue: number,
    ifFalse: number,
    value: number,
  ])[] = [
    [LOAD, 0, 0, MACHINE_AT],
    [EQUAL, 0, 6, machine.audit],
    [LOAD, 0, 0, NUMBER_AT],
    [AT_LEAST, 4, 0, X32_BIT],
    [EQUAL, 3, 0, IO_URING_SETUP],
    [EQUAL, 0, 3, machine.socket],
    [LOAD, 0, 0, FIRST_ARGUMENT_AT],
    [EQUAL, 1, 0, AF_UNIX],
    [RETURN, 0, 0, REFUSE],
    [RETURN, 0, 0, ALLOW],
  ];
  const filter = Buffer.alloc(8 * lines.length);
  for (const [index, [code, ifTrue, ifFalse, value]] of lines.entries()) {
    filter.writeUInt16LE(code, 8 * index);
    filter.writeUInt8(ifTrue, 8 * index + 2);
    filter.writeUInt8(ifFalse, 8 * index + 3);
    filter.writeUInt32LE(value, 8 * index + 4);
  }
  return filter;
}
