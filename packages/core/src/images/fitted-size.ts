/** A size in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** How large an image may be that is sent. */
export interface ImageLimits {
  /** Longest side, in pixels. */
  readonly maxSide: number;
  /** Most squares of 32 pixels a side that cover it, as models count them. Default: any number. */
  readonly maxPatches?: number;
}

const PATCH_SIDE = 32;

/** The size an image is scaled to: its own, where it is within the limits. Source: runs of 0.140 and 0.171. */
export function fittedSize(size: ImageSize, { maxSide, maxPatches }: ImageLimits): ImageSize {
  const fitting = scaled(
    size,
    Math.min(1, maxSide / Math.max(size.width, size.height)),
    Math.round,
  );
  if (maxPatches === undefined || patches(fitting) <= maxPatches) return fitting;
  const ratio = Math.sqrt(
    (PATCH_SIDE * PATCH_SIDE * maxPatches) / (fitting.width * fitting.height),
  );
  // So much smaller that one side is a whole number of patches: the last of them would not be full.
  const across = (fitting.width * ratio) / PATCH_SIDE;
  const down = (fitting.height * ratio) / PATCH_SIDE;
  const whole = Math.min(Math.floor(across) / across, Math.floor(down) / down);
  return scaled(fitting, ratio * whole, Math.floor);
}

function patches({ width, height }: ImageSize): number {
  return Math.ceil(width / PATCH_SIDE) * Math.ceil(height / PATCH_SIDE);
}

function scaled(
  { width, height }: ImageSize,
  ratio: number,
  round: (value: number) => number,
): ImageSize {
  return { width: Math.max(1, round(width * ratio)), height: Math.max(1, round(height * ratio)) };
}
