// An organization's workflows and schedules as Temporal lists them, for the deletion of the organization.
import {
  type Client,
  isGrpcServiceError,
  ScheduleNotFoundError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { Execution, OrgExecutions } from '../activities/orgs/deps.js';
import { orgOfWorkflowId, SEARCH_ATTRIBUTES } from '../domain/temporal.js';

const GRPC_NOT_FOUND = 5;

export function createOrgExecutions(client: Client): OrgExecutions {
  async function list(org_id: string, more: string): Promise<Execution[]> {
    const found: Execution[] = [];
    const query = `${SEARCH_ATTRIBUTES.orgId.name} = '${org_id}'${more}`;
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      // the attribute is what somebody wrote; the id is ours
      if (orgOfWorkflowId(workflowId) === org_id) found.push({ workflow_id: workflowId, run_id: runId });
    }
    return found;
  }

  return {
    listOpen: (org_id) => list(org_id, ` and ExecutionStatus = 'Running'`),
    list: (org_id) => list(org_id, ''),

    async cancel({ workflow_id, run_id }) {
      try {
        await client.workflow.getHandle(workflow_id, run_id).cancel();
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },

    async remove({ workflow_id, run_id }) {
      const { namespace } = client.options;
      const workflowExecution = { workflowId: workflow_id, runId: run_id };
      try {
        await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
      } catch (error) {
        if (!isGrpcServiceError(error) || Number(error.code) !== GRPC_NOT_FOUND) throw error;
      }
    },

    async removeSchedules(org_id) {
      let removed = 0;
      for await (const { scheduleId } of client.schedule.list()) {
        if (orgOfWorkflowId(scheduleId) !== org_id) continue;
        try {
          await client.schedule.getHandle(scheduleId).delete();
          removed += 1;
        } catch (error) {
          if (!(error instanceof ScheduleNotFoundError)) throw error;
        }
      }
      return removed;
    },
  };
}
