/** A time inside JSON that Postgres builds, in the wire's form; a column of its own gets it from connection.ts. */
export function moment(expression: string): string {
  return `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}
