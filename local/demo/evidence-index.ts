// What the demo organization has handed in. Ages and expiries are days counted from the seeding, so that the
// mixture of fresh and stale documents stays the same whenever the demo is made.

export const CONTENT_TYPES = {
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv',
  md: 'text/markdown',
  json: 'application/json',
} as const;

export type DemoFormat = keyof typeof CONTENT_TYPES;

export type DemoEvidenceEntry = {
  file: string;
  filename: string;
  format: DemoFormat;
  content_type: string;
  title: string;
  control_refs: string[];
  age_days: number;
  expires_in_days: number | null;
};

export const DEMO_ORGANIZATION = 'Northwind Ledger';

function entry(
  file: string,
  format: DemoFormat,
  title: string,
  refs: string,
  age_days: number,
  expires_in_days: number | null,
): DemoEvidenceEntry {
  const filename = file.replace(/\.[a-z]+$/, `.${format}`);
  const content_type = CONTENT_TYPES[format];
  return {
    file,
    filename,
    format,
    content_type,
    title,
    control_refs: refs.split(' '),
    age_days,
    expires_in_days,
  };
}

/** Left without anything on purpose: CC3.3, CC4.2, P3.2, P6.2, P6.5, P6.7, PI1.1. */
export const EVIDENCE_INDEX: DemoEvidenceEntry[] = [
  entry('code-of-conduct.md', 'pdf', 'Code of Conduct', 'CC1.1 CC1.5', 120, 245),
  entry(
    'board-minutes-2026-q3.md',
    'docx',
    'Minutes of the Supervisory Board, third quarter 2026',
    'CC1.2',
    53,
    null,
  ),
  entry('org-chart-2026-10.csv', 'xlsx', 'Organization, October 2026', 'CC1.3', 35, 330),
  entry('hiring-checklist.md', 'docx', 'Hiring and onboarding checklist', 'CC1.4', 200, 165),
  entry('background-check-log.csv', 'xlsx', 'Background checks', 'CC1.4', 30, 335),
  entry('training-records-2026.csv', 'xlsx', 'Training of staff, 2026', 'CC1.4 CC2.2', 22, 343),
  entry(
    'internal-communication-plan.md',
    'md',
    'How security and control matters are communicated inside the company',
    'CC2.2',
    155,
    210,
  ),
  entry('security-metrics-2026-10.json', 'json', 'Security metrics, October 2026', 'CC2.1 CC4.1', 18, 72),
  entry('customer-commitments.md', 'pdf', 'Security and service commitments to customers', 'CC2.3', 268, 97),
  entry('risk-register-2026-10.csv', 'xlsx', 'Risk register, October 2026', 'CC3.2 CC9.1', 39, 51),
  entry('risk-assessment-methodology.md', 'docx', 'Risk assessment methodology', 'CC3.1 CC3.2', 866, null),
  entry(
    'significant-change-assessment.md',
    'pdf',
    'Assessment of significant changes, second half of 2026',
    'CC3.4',
    47,
    318,
  ),
  entry('internal-audit-2026-h1.md', 'pdf', 'Internal audit report, first half of 2026', 'CC4.1', 123, 242),
  entry('control-owner-matrix.csv', 'csv', 'Controls and their owners', 'CC5.1 CC5.2', 46, 319),
  entry('information-security-policy.md', 'pdf', 'Information Security Policy', 'CC5.3 CC6.1', 294, 71),
  entry('access-review-2026-q3.csv', 'xlsx', 'Access review, Q3 2026', 'CC6.1 CC6.2 CC6.3', 43, 47),
  entry('asset-register-2026-10.csv', 'xlsx', 'Asset register, October 2026', 'CC6.1', 25, 340),
  entry(
    'office-physical-security-review.md',
    'pdf',
    'Physical security review: Amsterdam and Haarlem',
    'CC6.4',
    972,
    null,
  ),
  entry('media-disposal-log.csv', 'csv', 'Disposal of media', 'CC6.5', 27, 338),
  entry('network-security-standard.md', 'md', 'Network security standard', 'CC6.6', 196, 169),
  entry('encryption-standard.md', 'pdf', 'Encryption and key management standard', 'CC6.1 CC6.7', 250, 115),
  entry('endpoint-protection-status-2026-10.json', 'json', 'Endpoint protection, Oct. 2026', 'CC6.8', 23, 67),
  entry('vulnerability-scan-2026-11.csv', 'xlsx', 'Open weaknesses, November 2026', 'CC7.1', 22, 8),
  entry(
    'pentest-summary-2026.md',
    'pdf',
    'Penetration test 2026: summary for management and customers',
    'CC7.1',
    137,
    228,
  ),
  entry('logging-and-monitoring.md', 'md', 'Logging and monitoring overview', 'CC7.2', 84, 281),
  entry('on-call-rota-2026-h2.csv', 'csv', 'On-call rota, H2 2026', 'CC7.2 CC7.3', 14, 46),
  entry('incident-response-plan.md', 'pdf', 'Incident Response Plan', 'CC7.3 CC7.4', 910, null),
  entry(
    'post-mortem-inc-2026-0041.md',
    'docx',
    'Post-mortem INC-2026-0041: bank feeds delayed and booked twice',
    'CC7.4 CC7.5',
    89,
    null,
  ),
  entry('change-management-procedure.md', 'md', 'Change management procedure', 'CC8.1', 224, 141),
  entry('change-tickets-2026-q3.csv', 'xlsx', 'Change tickets, Q3 2026', 'CC8.1', 50, 315),
  entry('vendor-inventory-2026-10.csv', 'xlsx', 'Suppliers, October 2026', 'CC9.2', 30, 335),
  entry(
    'vendor-memo-paylink.md',
    'docx',
    'Memo: yearly assessment of Paylink Services',
    'CC9.2 P6.4',
    49,
    316,
  ),
  entry('capacity-report-2026-q3.md', 'pdf', 'Capacity report, third quarter 2026', 'A1.1', 43, 49),
  entry('sla-report-2026-10.json', 'json', 'Service levels, Jan. to Oct.', 'A1.1 CC2.3', 19, 71),
  entry('restore-test-log.csv', 'xlsx', 'Restore tests', 'A1.2 A1.3', 60, 305),
  entry(
    'backup-status-report-2026-09.md',
    'pdf',
    'Backup status report, September 2026',
    'A1.2 A1.3',
    52,
    40,
  ),
  entry(
    'dr-exercise-2026.md',
    'docx',
    'Disaster recovery exercise of 26 September 2026',
    'A1.3 CC7.5',
    50,
    315,
  ),
  entry('data-classification-and-handling.md', 'docx', 'Data classification and handling', 'C1.1', 308, 57),
  entry('data-retention-schedule.csv', 'xlsx', 'Retention schedule', 'C1.2 P4.2 P4.3', 24, 341),
  entry(
    'bank-feed-input-and-storage-controls.md',
    'md',
    'Input and storage controls of bank feeds and invoices',
    'PI1.2 PI1.5',
    53,
    312,
  ),
  entry('bank-feed-reconciliation-2026-08-10.csv', 'xlsx', 'Bank feed reconciliation', 'PI1.3 PI1.4', 23, 67),
  entry('privacy-notice.md', 'pdf', 'Privacy notice', 'P1.1 P2.1', 84, 281),
  entry(
    'dpia-invoice-recognition.md',
    'docx',
    'Data protection impact assessment: recognition of invoices',
    'P3.1 P4.1',
    88,
    184,
  ),
  entry('data-subject-requests.csv', 'xlsx', 'Requests of data subjects', 'P5.1 P5.2', 34, 331),
  entry('subprocessor-register.csv', 'csv', 'Subprocessors', 'P6.1 P6.4', 26, 339),
  entry('privacy-breach-procedure.md', 'md', 'Procedure for breaches of personal data', 'P6.3 P6.6', 20, 345),
  entry(
    'privacy-quality-statement.md',
    'md',
    'Statement on data quality and privacy monitoring',
    'P7.1 P8.1',
    400,
    null,
  ),
  entry('system-description.md', 'pdf', 'Description of the Northwind Ledger system', 'SD-1', 25, null),
  entry(
    'management-assertion.md',
    'docx',
    'Assertion of the management of Northwind Ledger B.V.',
    'MA-1',
    15,
    null,
  ),
  entry('complementary-controls-matrix.csv', 'xlsx', 'Complementary controls', 'CU-1', 40, 325),
];
