/** Shape of a framework's content as it ships with the product: data files in `db/seeds/`, no zod needed. */

export type CatalogueControlKind = 'criterion' | 'control' | 'engagement';

export type CatalogueSeverity = 'critical' | 'high' | 'medium' | 'low';

/**
 * One question that a machine can answer. `sql` is a single SELECT over Steampipe tables in Powerpipe's form:
 * `resource`, `status` (ok, alarm, skip or info), `reason`, `region`, `account_id`. No rows: nothing to look at.
 */
export interface CatalogueCheck {
  readonly name: string;
  readonly title: string;
  /** The table the check is about; checks are run grouped by it. */
  readonly table: string;
  readonly sql: string;
  readonly severity: CatalogueSeverity;
}

export interface CatalogueControl {
  readonly ref: string;
  readonly group: string;
  readonly title: string;
  readonly description: string;
  /** What an assessor asks. */
  readonly question: string;
  /** What evidence would satisfy the control. */
  readonly guidance: string;
  readonly kind: CatalogueControlKind;
  readonly checks: readonly CatalogueCheck[];
  /** Baselines of the framework that hold it; none where the framework has none. */
  readonly baselines?: readonly string[];
  /** Where the framework is kept as OSCAL, too. */
  readonly oscal_id?: string;
}

export interface CatalogueGroup {
  readonly key: string;
  readonly title: string;
}

export interface Catalogue {
  readonly key: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly source: string;
  readonly licence_note: string;
  readonly groups: readonly CatalogueGroup[];
  readonly controls: readonly CatalogueControl[];
}
