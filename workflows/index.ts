// The bundle's table of contents: every workflow type, by the name it has on the wire.
export { assessmentWorkflow } from './assessments/assessment-workflow.js';
export { incidentWorkflow } from './incidents/incident-workflow.js';
