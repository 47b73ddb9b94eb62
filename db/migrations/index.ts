// In the order in which they run. A landed migration is never edited.
import * as ground from './0001_ground.js';
import * as rateWindow from './0002_rate_window.js';
import * as people from './0003_people.js';
import * as audit from './0004_audit.js';
import * as frameworks from './0005_frameworks.js';
import * as assessments from './0006_assessments.js';
import * as findings from './0007_findings.js';
import * as evidence from './0008_evidence.js';
import * as delivery from './0009_delivery.js';
import * as orgKey from './0010_org_key.js';
import * as deletion from './0011_deletion_and_reviews.js';
import * as commands from './0012_commands.js';
import * as reconcile from './0013_reconcile.js';
import * as incidents from './0014_incidents.js';
import * as obligations from './0015_obligations.js';
import * as idempotency from './0017_idempotency.js';
import * as notifications from './0018_notifications.js';
import * as policies from './0019_policies.js';
import * as playbooks from './0020_playbooks.js';
import * as timelineCheckpoints from './0021_timeline_checkpoints.js';
import * as controlBaselines from './0025_control_baselines.js';
import * as playbookPurge from './0026_playbook_purge.js';
import * as controlOscalId from './0027_control_oscal_id.js';
import * as risks from './0028_risks.js';
import * as kris from './0029_kris.js';
import * as notificationText from './0032_notification_text.js';
import * as evidenceUpload from './0033_evidence_upload.js';
import * as reports from './0034_reports.js';
import * as rebind from './0035_rebind.js';
import * as playbookRate from './0036_playbook_rate.js';
import * as incidentRevision from './0037_incident_revision.js';

export interface Migration {
  name: string;
  up: string;
}

export const MIGRATIONS: readonly Migration[] = [
  ground,
  rateWindow,
  people,
  audit,
  frameworks,
  assessments,
  findings,
  evidence,
  delivery,
  orgKey,
  deletion,
  commands,
  reconcile,
  incidents,
  obligations,
  idempotency,
  notifications,
  policies,
  playbooks,
  timelineCheckpoints,
  controlBaselines,
  playbookPurge,
  controlOscalId,
  risks,
  kris,
  notificationText,
  evidenceUpload,
  reports,
  rebind,
  playbookRate,
  incidentRevision,
];
