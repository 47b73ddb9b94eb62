// How a table of the inventory is described: column names by Postgres type, and the row type that follows from them.

/** Column names, separated by spaces, under the type that Steampipe gives them. */
export interface Columns {
  text?: string;
  bool?: string;
  int8?: string;
  float8?: string;
  timestamptz?: string;
  inet?: string;
  cidr?: string;
  jsonb?: string;
}

interface Values {
  text: string;
  bool: boolean;
  int8: number;
  float8: number;
  /** ISO 8601 */
  timestamptz: string;
  inet: string;
  cidr: string;
  jsonb: unknown;
}

type Words<S> = S extends `${infer First} ${infer Rest}` ? First | Words<Rest> : S;

type TypeOf<C, Name> = {
  [T in keyof C & keyof Values]: Name extends Words<C[T]> ? Values[T] : never;
}[keyof C & keyof Values];

/** Columns that are left out are null. */
export type RowOf<C> = { [Name in Words<C[keyof C & keyof Values]> & string]?: TypeOf<C, Name> | null } & {
  region?: string;
};
