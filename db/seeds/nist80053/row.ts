/** `marks`: a letter for each baseline of SP 800-53B that holds it, of Low, Moderate, High, Privacy. */
export type Row = readonly [ref: string, title: string, marks: string];
