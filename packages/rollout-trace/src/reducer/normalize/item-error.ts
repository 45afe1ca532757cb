/** An item the original does not accept. `isUnknownType` tells a new type from a malformed item of a known one. */
export class ItemError extends Error {
  override readonly name = "ItemError";
  readonly isUnknownType: boolean;

  constructor(message: string, isUnknownType = false) {
    super(message);
    this.isUnknownType = isUnknownType;
  }
}
