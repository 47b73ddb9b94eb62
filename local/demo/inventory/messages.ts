// Queues and notification topics. Nobody confirmed the topic of the standby, so its alarms reach nobody.
import { ACCOUNT, arn, FRANKFURT, IRELAND, keyArn, tagsOf, uuidOf } from './place.js';
import type { Fleet } from './shapes.js';

interface Queue {
  name: string;
  service: string;
}

const queues: readonly Queue[] = [
  { name: 'bank-feeds', service: 'bank-feeds' },
  { name: 'ledger-postings.fifo', service: 'ledger-worker' },
  { name: 'invoice-ocr', service: 'invoice-ocr' },
  { name: 'payment-files', service: 'ledger-worker' },
  { name: 'exports', service: 'export-builder' },
];

/** Messages that keep failing go there. */
const deadName = (name: string): string =>
  name.endsWith('.fifo') ? name.replace('.fifo', '-dead.fifo') : `${name}-dead`;

export const QUEUES: readonly string[] = queues.flatMap(({ name }) => [name, deadName(name)]);

function queueRows(queue: Queue) {
  const row = (name: string, redrive: unknown) => ({
    queue_url: `https://sqs.${IRELAND}.amazonaws.com/${ACCOUNT}/${name}`,
    queue_arn: arn('sqs', IRELAND, name),
    kms_master_key_id: keyArn(IRELAND, 'data'),
    message_retention_seconds: redrive === null ? '1209600' : '345600',
    visibility_timeout_seconds: '180',
    fifo_queue: name.endsWith('.fifo'),
    sqs_managed_sse_enabled: false,
    redrive_policy: redrive,
    title: name,
    akas: [arn('sqs', IRELAND, name)],
    tags: tagsOf(name, 'production', { service: queue.service }),
    region: IRELAND,
  });
  const dead = deadName(queue.name);
  const redrive = { deadLetterTargetArn: arn('sqs', IRELAND, dead), maxReceiveCount: 5 };
  return [row(queue.name, redrive), row(dead, null)];
}

interface Topic {
  name: string;
  region: string;
  subscribers: readonly { protocol: string; endpoint: string; confirmed: boolean }[];
}

const topics: readonly Topic[] = [
  {
    name: 'alerts-paging',
    region: IRELAND,
    subscribers: [
      { protocol: 'https', endpoint: 'https://paging.demo.example/in/aws', confirmed: true },
      { protocol: 'email', endpoint: 'sre@demo.example', confirmed: true },
    ],
  },
  {
    name: 'security-findings',
    region: IRELAND,
    subscribers: [{ protocol: 'https', endpoint: 'https://siem.demo.example/in/aws', confirmed: true }],
  },
  {
    name: 'backup-events',
    region: IRELAND,
    subscribers: [{ protocol: 'email', endpoint: 'head-of-operations@demo.example', confirmed: false }],
  },
  {
    name: 'alerts-standby',
    region: FRANKFURT,
    subscribers: [{ protocol: 'email', endpoint: 'sre@demo.example', confirmed: false }],
  },
];

export function topicArn(region: string): string {
  return arn('sns', region, region === IRELAND ? 'alerts-paging' : 'alerts-standby');
}

const count = (topic: Topic, confirmed: boolean): number =>
  topic.subscribers.filter((subscriber) => subscriber.confirmed === confirmed).length;

export function messages() {
  return {
    aws_sqs_queue: queues.flatMap(queueRows),
    aws_sns_topic: topics.map((topic) => ({
      topic_arn: arn('sns', topic.region, topic.name),
      display_name: topic.name,
      owner: ACCOUNT,
      kms_master_key_id: keyArn(topic.region, 'data'),
      subscriptions_confirmed: count(topic, true),
      subscriptions_pending: count(topic, false),
      subscriptions_deleted: 0,
      title: topic.name,
      akas: [arn('sns', topic.region, topic.name)],
      tags: tagsOf(topic.name, topic.region === IRELAND ? 'production' : 'standby'),
      region: topic.region,
    })),
    aws_sns_topic_subscription: topics.flatMap((topic) =>
      topic.subscribers.map(({ protocol, endpoint, confirmed }) => {
        const topic_arn = arn('sns', topic.region, topic.name);
        const subscription_arn = confirmed ? `${topic_arn}:${uuidOf(endpoint)}` : 'PendingConfirmation';
        return {
          subscription_arn,
          topic_arn,
          owner: ACCOUNT,
          protocol,
          endpoint,
          pending_confirmation: !confirmed,
          title: subscription_arn,
          region: topic.region,
        };
      }),
    ),
  } satisfies Partial<Fleet>;
}
