// Which queue does what, with which limits. A new kind of load is a new row here.
import type { WorkerOptions } from '@temporalio/worker';
import { TASK_QUEUES, type TaskQueue } from '../domain/temporal.js';
import type { WorkerConfig } from './config.js';
import { REPORTS_AT_ONCE, type WorkerDeps } from './deps.js';

export interface QueueSpec {
  queue: TaskQueue;
  /** Whether workflows run here, beside activities. */
  workflows?: true;
  options(
    deps: WorkerDeps,
    config: WorkerConfig,
  ): Omit<WorkerOptions, 'taskQueue' | 'connection' | 'namespace'>;
}

export const QUEUES: readonly QueueSpec[] = [
  {
    queue: TASK_QUEUES.core,
    workflows: true,
    options: ({ activities }) => ({
      activities,
      // what a killed worker costs the runs it held in its cache
      stickyQueueScheduleToStartTimeout: '2s',
      maxConcurrentActivityTaskExecutions: 20,
    }),
  },
  {
    queue: TASK_QUEUES.llm,
    options: ({ activities }, config) => ({
      activities: { evaluateControls: activities.evaluateControls },
      maxConcurrentActivityTaskExecutions: config.LLM_MAX_CONCURRENCY,
    }),
  },
  {
    queue: TASK_QUEUES.steampipe,
    options: ({ activities }) => ({
      activities: {
        collectKri: activities.collectKri,
        runChecks: activities.runChecks,
        runPlaybookQuery: activities.runPlaybookQuery,
      },
      // the plugins are limited by the cloud's own API rates
      maxConcurrentActivityTaskExecutions: 4,
    }),
  },
  {
    queue: TASK_QUEUES.evidence,
    options: ({ activities }) => ({
      activities: { verifyEvidence: activities.verifyEvidence },
      // an archive is held whole, up to 50 MB, while it is looked into
      maxConcurrentActivityTaskExecutions: 4,
    }),
  },
  {
    queue: TASK_QUEUES.egress,
    options: ({ activities }) => ({
      activities: {
        runPlaybookHttp: activities.runPlaybookHttp,
        sendNotification: activities.sendNotification,
      },
      // receivers that are slow to answer, at most 15 s each
      maxConcurrentActivityTaskExecutions: 50,
    }),
  },
  {
    queue: TASK_QUEUES.report,
    options: ({ activities }) => ({
      activities: {
        clearReport: activities.clearReport,
        gatherReport: activities.gatherReport,
        renderReport: activities.renderReport,
      },
      maxConcurrentActivityTaskExecutions: REPORTS_AT_ONCE,
    }),
  },
];
