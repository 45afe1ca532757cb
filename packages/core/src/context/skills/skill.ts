/** A set of instructions the model reads when it needs them. */
export interface Skill {
  readonly name: string;
  readonly description: string;
  /** Of its `SKILL.md`, absolute. */
  readonly path: string;
  /** The directory of skills it was found in. */
  readonly root: string;
}
