/** One citable source. Every `@source key` and every `sources: [key]` must be a key of the merged table. */
export interface Source {
  readonly title: string;
  readonly year?: number;
  readonly where?: string;
  readonly url?: string;
  /** Date of the figures or of reading, ISO. */
  readonly date?: string;
  readonly kind?:
    | "datasheet"
    | "paper"
    | "documentation"
    | "source-code"
    | "measurement"
    | "price"
    | "recalled"
    | "standard";
}
