// What watches the account. All of it was set up in Ireland; of the second region only the trail knows (action A-33).
import type { Clock } from './clock.js';
import { FUNCTIONS } from './functions.js';
import { alarms } from './alarms.js';
import { arn, COMPANY, FRANKFURT, iamArn, IRELAND, keyArn, tagsOf, uuidOf } from './place.js';
import type { Fleet } from './shapes.js';

const TRAIL = 'northwind-audit';

/** Name, region, days kept (null: without end). */
const groups: readonly (readonly [string, string, number | null])[] = [
  ...['web', 'api', 'ledger-worker', 'bank-feeds', 'reporting'].map(
    (name) => [`/ecs/prod/${name}`, IRELAND, 90] as const,
  ),
  ['/ecs/standby/web', FRANKFURT, 90],
  ['/ecs/standby/api', FRANKFURT, 90],
  ['/aws/rds/instance/ledger-prod/postgresql', IRELAND, 400],
  ['/aws/rds/instance/reporting-prod/postgresql', IRELAND, 400],
  ['/aws/rds/instance/bankfeeds-prod/postgresql', IRELAND, 30],
  ['/aws/rds/instance/ledger-replica/postgresql', FRANKFURT, 400],
  ['/aws/ssm/sessions', IRELAND, 400],
  ...FUNCTIONS.map((name) => [`/aws/lambda/${name}`, IRELAND, null] as const),
];

function trail(region: string, { ago }: Clock) {
  return {
    name: TRAIL,
    arn: arn('cloudtrail', IRELAND, `trail/${TRAIL}`),
    home_region: IRELAND,
    s3_bucket_name: `${COMPANY}-logs`,
    kms_key_id: keyArn(IRELAND, 'data'),
    is_multi_region_trail: true,
    log_file_validation_enabled: true,
    is_logging: true,
    include_global_service_events: true,
    is_organization_trail: false,
    latest_delivery_time: ago(0.005),
    start_logging_time: ago(700),
    event_selectors: [
      {
        IncludeManagementEvents: true,
        ReadWriteType: 'All',
        DataResources: [{ Type: 'AWS::S3::Object', Values: [`arn:aws:s3:::${COMPANY}-ledger-closings/`] }],
      },
    ],
    tags: tagsOf(TRAIL, 'production'),
    region,
  };
}

export function detection(clock: Clock) {
  const { ago } = clock;
  const detector = uuidOf('guardduty').replaceAll('-', '');
  return {
    aws_cloudtrail_trail: [trail(IRELAND, clock), trail(FRANKFURT, clock)],
    aws_guardduty_detector: [
      {
        detector_id: detector,
        arn: arn('guardduty', IRELAND, `detector/${detector}`),
        status: 'ENABLED',
        finding_publishing_frequency: 'FIFTEEN_MINUTES',
        service_role: iamArn(
          'role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty',
        ),
        created_at: ago(640),
        updated_at: ago(90),
        data_sources: { CloudTrail: { Status: 'ENABLED' }, S3Logs: { Status: 'ENABLED' } },
        title: detector,
        region: IRELAND,
      },
    ],
    aws_securityhub_hub: [
      {
        hub_arn: arn('securityhub', IRELAND, 'hub/default'),
        auto_enable_controls: true,
        subscribed_at: ago(640),
        title: 'default',
        akas: [arn('securityhub', IRELAND, 'hub/default')],
        region: IRELAND,
      },
    ],
    aws_config_configuration_recorder: [
      {
        name: 'default',
        arn: arn('config', IRELAND, 'config-recorder/default'),
        recording_mode: 'CONTINUOUS',
        role_arn: iamArn('role/config-recorder'),
        status_recording: true,
        status: { Recording: true, LastStatus: 'SUCCESS' },
        recording_group: { AllSupported: true, IncludeGlobalResourceTypes: true },
        region: IRELAND,
      },
    ],
    aws_cloudwatch_log_group: groups.map(([name, region, retention_in_days]) => ({
      name,
      arn: arn('logs', region, `log-group:${name}:*`),
      kms_key_id: region === IRELAND ? keyArn(IRELAND, 'data') : null,
      log_group_class: 'STANDARD',
      retention_in_days,
      stored_bytes: name.length * 41_000_000,
      metric_filter_count: 0,
      creation_time: ago(region === IRELAND ? 690 : 257),
      region,
    })),
    aws_cloudwatch_alarm: alarms(clock),
  } satisfies Partial<Fleet>;
}
