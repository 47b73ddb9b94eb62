// One alarm for each thing and each measure that can go wrong with it. Those of the bank feeds' database were switched
// off for its enlargement and forgotten; the Kibana trial's tell nobody.
import type { Clock } from './clock.js';
import { SERVICES } from './containers.js';
import { DATABASES, DYNAMO_TABLES } from './databases.js';
import { BALANCERS } from './edge.js';
import { FUNCTIONS } from './functions.js';
import { HOST_IDS } from './hosts.js';
import { QUEUES, topicArn } from './messages.js';
import { arn, IRELAND } from './place.js';

interface Watched {
  name: string;
  region: string;
  dimension: string;
  id: string;
}

interface Kind {
  namespace: string;
  things: readonly Watched[];
  metrics: readonly (readonly [string, number])[];
}

const inIreland = (dimension: string, names: readonly string[]): Watched[] =>
  names.map((name) => ({ name, region: IRELAND, dimension, id: name }));

const kinds: readonly Kind[] = [
  {
    namespace: 'AWS/ECS',
    things: SERVICES.map(({ cluster, region, name }) => ({
      name: `${cluster}-${name}`,
      region,
      dimension: 'ServiceName',
      id: name,
    })),
    metrics: [
      ['CPUUtilization', 85],
      ['MemoryUtilization', 85],
      ['RunningTaskCount', 1],
    ],
  },
  {
    namespace: 'AWS/ApplicationELB',
    things: BALANCERS.map(({ name, region, resource }) => ({
      name,
      region,
      dimension: 'LoadBalancer',
      id: resource,
    })),
    metrics: [
      ['HTTPCode_Target_5XX_Count', 50],
      ['TargetResponseTime', 1],
      ['UnHealthyHostCount', 1],
    ],
  },
  {
    namespace: 'AWS/RDS',
    things: DATABASES.map(({ name, region }) => ({
      name,
      region,
      dimension: 'DBInstanceIdentifier',
      id: name,
    })),
    metrics: [
      ['CPUUtilization', 85],
      ['FreeStorageSpace', 75_000_000_000],
      ['DatabaseConnections', 340],
      ['ReadLatency', 0.05],
    ],
  },
  {
    namespace: 'AWS/SQS',
    things: inIreland('QueueName', QUEUES),
    metrics: [
      ['ApproximateAgeOfOldestMessage', 900],
      ['ApproximateNumberOfMessagesVisible', 20_000],
    ],
  },
  {
    namespace: 'AWS/Lambda',
    things: inIreland('FunctionName', FUNCTIONS),
    metrics: [
      ['Errors', 5],
      ['Duration', 100_000],
    ],
  },
  {
    namespace: 'AWS/DynamoDB',
    things: inIreland('TableName', DYNAMO_TABLES),
    metrics: [['SystemErrors', 1]],
  },
  {
    namespace: 'AWS/EC2',
    things: HOST_IDS.map(({ name, id }) => ({ name, region: IRELAND, dimension: 'InstanceId', id })),
    metrics: [
      ['StatusCheckFailed', 1],
      ['CPUUtilization', 90],
    ],
  },
];

export function alarms({ ago }: Clock) {
  return kinds.flatMap(({ namespace, things, metrics }) =>
    things.flatMap((thing) =>
      metrics.map(([metric_name, threshold]) => {
        const name = `${thing.name}-${metric_name}`;
        return {
          name,
          arn: arn('cloudwatch', thing.region, `alarm:${name}`),
          state_value: 'OK',
          comparison_operator:
            metric_name.startsWith('Free') || metric_name === 'RunningTaskCount'
              ? 'LessThanThreshold'
              : 'GreaterThanThreshold',
          metric_name,
          namespace,
          statistic: 'Average',
          treat_missing_data: 'missing',
          actions_enabled: thing.name !== 'bankfeeds-prod',
          evaluation_periods: 3,
          period: 60,
          threshold,
          state_updated_timestamp: ago(4),
          alarm_actions: thing.name === 'kibana-test' ? [] : [topicArn(thing.region)],
          ok_actions: [],
          dimensions: [{ Name: thing.dimension, Value: thing.id }],
          region: thing.region,
        };
      }),
    ),
  );
}
