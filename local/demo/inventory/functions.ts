// Functions and what wakes them. The poller belongs to the old SFTP host and has a runtime that AWS no longer supports.
import type { Clock } from './clock.js';
import { arn, groupId, iamArn, IRELAND, keyArn, subnetId, tagsOf, uuidOf, vpcId } from './place.js';
import type { Fleet } from './shapes.js';

interface Code {
  name: string;
  runtime: string;
  handler: string;
  memory: number;
  queue?: string;
  note: string;
}

/** The last two are not in the asset register. */
const functions: readonly Code[] = [
  {
    name: 'invoice-ocr',
    runtime: 'python3.13',
    handler: 'ocr.handle',
    memory: 3008,
    queue: 'invoice-ocr',
    note: 'recognition of invoices',
  },
  {
    name: 'export-builder',
    runtime: 'nodejs22.x',
    handler: 'export.handle',
    memory: 2048,
    queue: 'exports',
    note: 'builds exports of customers',
  },
  {
    name: 'secret-rotation',
    runtime: 'python3.13',
    handler: 'rotate.handle',
    memory: 256,
    note: 'rotates database passwords',
  },
  {
    name: 'legacy-file-poller',
    runtime: 'python3.8',
    handler: 'poll.run',
    memory: 512,
    note: 'fetches bank files from the old host',
  },
];

export const FUNCTIONS: readonly string[] = functions.map(({ name }) => name);

const functionArn = (name: string): string => arn('lambda', IRELAND, `function:${name}`);

export function lambdas({ ago }: Clock) {
  return {
    aws_lambda_function: functions.map((code) => ({
      name: code.name,
      arn: functionArn(code.name),
      description: code.note,
      handler: code.handler,
      kms_key_arn: keyArn(IRELAND, 'data'),
      timeout: '120',
      package_type: 'Zip',
      role: iamArn(`role/lambda-${code.name}`),
      runtime: code.runtime,
      state: 'Active',
      vpc_id: vpcId('prod'),
      memory_size: code.memory,
      code_size: 18_400_000,
      last_modified: code.runtime === 'python3.8' ? ago(1_240) : ago(26),
      policy_std: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'events',
            Effect: 'Allow',
            Principal: { Service: ['events.amazonaws.com'] },
            Action: ['lambda:invokefunction'],
            Resource: [functionArn(code.name)],
          },
        ],
      },
      file_system_configs: [],
      layers: [],
      vpc_subnet_ids: [subnetId('prod/app-a'), subnetId('prod/app-b')],
      vpc_security_group_ids: [groupId('prod/app')],
      tags: tagsOf(code.name, 'production', { service: code.name }),
      region: IRELAND,
    })),
    aws_lambda_event_source_mapping: functions.flatMap(({ name, queue }) =>
      queue === undefined
        ? []
        : [
            {
              uuid: uuidOf(`mapping/${name}`),
              arn: arn('sqs', IRELAND, queue),
              function_arn: functionArn(name),
              function_name: name,
              state: 'Enabled',
              batch_size: 10,
              last_modified: ago(80),
              title: uuidOf(`mapping/${name}`),
              region: IRELAND,
            },
          ],
    ),
  } satisfies Partial<Fleet>;
}
