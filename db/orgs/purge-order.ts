/** A foreign key between two tables of an organization. */
export interface Reference {
  child: string;
  parent: string;
  /** Removing the parent's row is allowed while the child's is there: it goes along, or lets go. */
  yields: boolean;
}

/**
 * Tables in an order in which their rows can be removed: what refers before what is referred to. A circle is opened at
 * a foreign key that yields.
 * @throws Error when a circle has none.
 */
export function purgeOrder(tables: readonly string[], references: readonly Reference[]): string[] {
  const left = new Set(tables);
  const order: string[] = [];
  const holders = (parent: string): Reference[] =>
    references.filter((each) => each.parent === parent && each.child !== parent && left.has(each.child));
  while (left.size > 0) {
    const names = [...left].toSorted();
    const next =
      names.find((name) => holders(name).length === 0) ??
      names.find((name) => holders(name).every(({ yields }) => yields));
    if (next === undefined) throw new Error(`no order in which to remove the rows of ${names.join(', ')}`);
    left.delete(next);
    order.push(next);
  }
  return order;
}
