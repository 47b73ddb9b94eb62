// The only wiring of the workers: configuration in, what activities and the relay need out.
import { Client, Connection } from '@temporalio/client';
import { createAssessmentActivities } from '../activities/assessments/activities.js';
import type { AssessmentActivities } from '../activities/assessments/types.js';
import { createEvidenceActivities } from '../activities/evidence/activities.js';
import type { EvidenceActivities, EvidenceReading } from '../activities/evidence/types.js';
import { createExtractor } from '../activities/extraction/extract.js';
import { createTextReader } from '../activities/extraction/text-reader.js';
import { createRulesEvaluator } from '../activities/judge/rules-evaluator.js';
import { createLlmEvaluator } from '../activities/llm/evaluator.js';
import { createReviewActivities } from '../activities/findings/activities.js';
import type { ReviewActivities } from '../activities/findings/types.js';
import { createIncidentActivities } from '../activities/incidents/activities.js';
import type { IncidentActivities } from '../activities/incidents/types.js';
import { createKriActivities } from '../activities/kris/activities.js';
import type { KriActivities, KriCollecting } from '../activities/kris/types.js';
import { createOrgActivities } from '../activities/orgs/activities.js';
import { createEgress } from '../activities/egress/http.js';
import { createMailer } from '../activities/egress/mail.js';
import { createNotificationActivities } from '../activities/notifications/activities.js';
import type { DeliveryActivities, NotificationActivities } from '../activities/notifications/types.js';
import type { OrgActivities } from '../activities/orgs/types.js';
import { createPolicyEngine } from '../activities/policy/decide.js';
import { createPlaybookActivities } from '../activities/playbooks/activities.js';
import type { PlaybookActivities } from '../activities/playbooks/types.js';
import { createReportActivities } from '../activities/reports/activities.js';
import { createReportRenderer } from '../activities/reports/renderer.js';
import type { ReportActivities, ReportMaking } from '../activities/reports/types.js';
import { createRiskActivities } from '../activities/risks/activities.js';
import type { RiskActivities } from '../activities/risks/types.js';
import { createSteampipe } from '../activities/steampipe/client.js';
import { createInventory } from '../activities/steampipe/inventory.js';
import type { AnchorStore } from '../db/audit/anchors.js';
import { connect, type Database } from '../db/connection.js';
import { createSealer } from '../db/crypto/seal.js';
import { parseSigningKeys, type SigningKeys } from '../db/crypto/signing-keys.js';
import { createPolicyRuntime } from '../db/policies/engine.js';
import { createOpa } from '../db/policies/opa.js';
import { createObjectStore } from '../db/objects/store.js';
import { createLeadership, type Leadership } from '../db/reconcile/leadership.js';
import { appUrl, reconcileUrl, reportUrl } from '../db/roles.js';
import { connectionSettings } from '../db/temporal/connection.js';
import type { WorkerConfig } from './config.js';
import { createOrgExecutions } from './executions.js';

export interface WorkerDeps {
  db: Database;
  /** As grc_reconcile: what is owed to Temporal, of all organizations. */
  reconcile_db: Database;
  leadership: Leadership;
  anchors: AnchorStore;
  /** Undefined where no SIGNING_KEYS are configured: nothing is signed then. */
  signing: SigningKeys | undefined;
  activities: AssessmentActivities &
    DeliveryActivities &
    EvidenceActivities &
    EvidenceReading &
    IncidentActivities &
    KriActivities &
    KriCollecting &
    NotificationActivities &
    OrgActivities &
    PlaybookActivities &
    ReportActivities &
    ReportMaking &
    ReviewActivities &
    RiskActivities;
  close(): Promise<void>;
}

/** Controls, rows and the relay share it; the sum over processes stays under max_connections. */
const POOL_MAX = 15;

/** Each may fill a core and some hundred megabytes. */
export const REPORTS_AT_ONCE = 2;

export function wireWorker(config: WorkerConfig): WorkerDeps {
  const url = config.DATABASE_URL ?? '';
  const db = connect({
    url: config.DATABASE_APP_URL ?? appUrl(url),
    pool_max: POOL_MAX,
    application_name: 'grc-worker',
  });
  const reconcile_url = config.DATABASE_RECONCILE_URL ?? reconcileUrl(url);
  const reconcile_db = connect({
    url: reconcile_url,
    pool_max: 3,
    application_name: 'grc-relay',
  });
  const report_db = connect({
    url: config.DATABASE_REPORT_URL ?? reportUrl(url),
    pool_max: REPORTS_AT_ONCE,
    application_name: 'grc-report',
    query_timeout_ms: 60_000, // as its role may wait
  });
  const steampipe = config.STEAMPIPE_DATABASE_URL
    ? createSteampipe({ database_url: config.STEAMPIPE_DATABASE_URL })
    : undefined;
  const store = createObjectStore({
    endpoint: config.S3_ENDPOINT,
    region: config.S3_REGION,
    bucket: config.S3_BUCKET,
    access_key_id: config.S3_ACCESS_KEY_ID,
    secret_access_key: config.S3_SECRET_ACCESS_KEY,
  });
  const extractor = createExtractor();
  // of its own: an upload does not wait for a document that is slow to read
  const inspector = createExtractor();
  const renderer = createReportRenderer();
  const llm =
    config.LLM_MODEL !== undefined && (config.OPENAI_API_KEY ?? config.OPENAI_BASE_URL) !== undefined
      ? createLlmEvaluator({
          api_key: config.OPENAI_API_KEY ?? 'none',
          base_url: config.OPENAI_BASE_URL,
          model: config.LLM_MODEL,
          timeout_ms: config.LLM_TIMEOUT_SECONDS * 1_000,
        })
      : undefined;
  const assessments = createAssessmentActivities({
    db,
    evaluators: { rules: createRulesEvaluator(), ...(llm && { llm }) },
    texts: createTextReader({ store, extractor }),
    inventory: steampipe && createInventory(steampipe),
  });
  const opa = config.OPA_URL === undefined ? undefined : createOpa({ url: config.OPA_URL });
  const egress = createEgress({ allow: config.EGRESS_ALLOW });
  const mailer =
    config.SMTP_URL === undefined
      ? undefined
      : createMailer({ smtp_url: config.SMTP_URL, from: config.MAIL_FROM ?? '' });
  // Ids only pass through it: no payload is read or written, so it has no converter. Opened when it is needed.
  const connection = Connection.lazy(connectionSettings(config));
  const executions = createOrgExecutions(new Client({ connection, namespace: config.TEMPORAL_NAMESPACE }));
  return {
    db,
    reconcile_db,
    leadership: createLeadership(reconcile_url),
    anchors: store,
    signing: config.SIGNING_KEYS === undefined ? undefined : parseSigningKeys(config.SIGNING_KEYS),
    activities: {
      ...assessments,
      ...createEvidenceActivities({ db, store, inspector }),
      ...createIncidentActivities({ db, email: mailer !== undefined }),
      ...createKriActivities({ db, steampipe, email: mailer !== undefined }),
      ...createNotificationActivities({
        db,
        sealer: createSealer(config.PAYLOAD_KEYS),
        egress,
        mailer,
        public_url: config.PUBLIC_URL,
      }),
      ...createOrgActivities({ db, store, executions }),
      ...createPlaybookActivities({
        db,
        email: mailer !== undefined,
        egress,
        inventory: steampipe && createInventory(steampipe),
        policy: createPolicyEngine({ db, runtime: opa && createPolicyRuntime(opa) }),
        store,
      }),
      ...createReportActivities({ db, report_db, store, renderer }),
      ...createReviewActivities({ db }),
      ...createRiskActivities({ db, email: mailer !== undefined }),
    },
    async close() {
      await connection.close().catch(() => undefined); // lazy: it may never have been opened
      await opa?.close();
      await egress.close();
      extractor.close();
      inspector.close();
      renderer.close();
      store.close();
      await steampipe?.close();
      await Promise.all([db.destroy(), reconcile_db.destroy(), report_db.destroy()]);
    },
  };
}
