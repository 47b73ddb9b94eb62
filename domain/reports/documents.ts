// What reports there are and in which formats. Their content is `document-schema.ts`.

export const REPORT_TYPES = [
  'compliance_summary',
  'gap_analysis',
  'risk_register',
  'incident_summary',
  'bcm_impact_analysis',
] as const;
export type ReportType = (typeof REPORT_TYPES)[number];

export const REPORT_FORMATS = ['pdf', 'xlsx', 'json'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Names the shape of the documents; goes up when a field changes its meaning or goes away. */
export const REPORT_SCHEMA = 'sovereign-grc/report/1';

export const CONTENT_TYPE: Readonly<Record<ReportFormat, string>> = {
  pdf: 'application/pdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  json: 'application/json',
};

/** The risks that a board reads about one by one. */
export const TOP_RISKS = 10;

/** An acceptance that ends within so many days is about to expire. */
export const EXPIRING_WITHIN_DAYS = 90;

/** Incidents whose timelines are told, and how many of their latest entries. */
export const WORST_INCIDENTS = 5;
export const WORST_ENTRIES = 40;

/** Assessments that the trend goes back. */
export const TREND_LENGTH = 8;

export const CRITICALITIES = [
  'mission_critical',
  'business_critical',
  'business_operational',
  'administrative',
] as const;

export const NODE_TYPES = ['process', 'asset', 'domain', 'vendor', 'person', 'facility'] as const;

export const DEPENDENCY_TYPES = [
  'requires',
  'located_in',
  'uses',
  'replicates_to',
  'backed_up_by',
  'sends_to',
] as const;

export const SPOF_CLASSES = ['hard', 'managed', 'correlated', 'time_bomb', 'knowledge'] as const;

export const CONFLICT_CODES = [
  'RTO_INVERSION',
  'RTO_INFEASIBLE',
  'RTO_NO_SLACK',
  'MTD_BREACH',
  'RPO_CONFLICT',
  'BACKUP_SAME_DOMAIN',
  'BACKUP_UNTESTED',
  'VENDOR_RTO',
  'CRITICALITY_INVERSION',
  'CYCLE',
  'TEAM_OVERLOAD',
  'STALE',
] as const;
