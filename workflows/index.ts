// The bundle's table of contents: every workflow type, by the name it has on the wire.
export { assessmentWorkflow } from './assessments/assessment-workflow.js';
export { evidenceWorkflow } from './evidence/evidence-workflow.js';
export { incidentWorkflow } from './incidents/incident-workflow.js';
export { kriCollectionWorkflow } from './kris/kri-collection-workflow.js';
export { notificationWorkflow } from './notifications/notification-workflow.js';
export { orgDeletionWorkflow } from './orgs/org-deletion-workflow.js';
export { reviewWorkflow } from './findings/review-workflow.js';
export { riskAcceptanceWorkflow } from './risks/risk-acceptance-workflow.js';
export { playbookRunWorkflow } from './playbooks/playbook-run-workflow.js';
export { reportWorkflow } from './reports/report-workflow.js';
