/**
 * Decompresses one zstd frame, byte for byte as it comes. Platforms without zstd bring their own: in a browser, for
 * example, `fzstd` fits in a few lines, see docs/reference/trace-format.md.
 */
export interface ZstdFrameDecoder {
  /**
   * Decompresses the next bytes of the frame as far as they go, in pieces of any size, each valid until the next is
   * requested. Throws, or rejects, for bytes that are no zstd. It is never called again after that, nor after the end of
   * the frame.
   */
  push(bytes: Uint8Array, isFrameEnd: boolean): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Lets go of its memory, also in the middle of a frame. */
  close?(): void;
}

/** Makes a decoder for one frame. */
export type ZstdDecoder = () => ZstdFrameDecoder;
