// Judges one control by any OpenAI-compatible server. Retries belong to Temporal, except asking again for a usable answer.
import { setTimeout as sleep } from 'node:timers/promises';
import { ChatOpenAI } from '@langchain/openai';
import { z } from 'zod';
import { cleanAnswer, modelAnswer, type ModelAnswer } from '../judge/answer.js';
import { nothingToRead, suspects } from '../judge/inputs.js';
import { buildPrompt, PROMPT_VERSION, type Prompt } from '../judge/prompt.js';
import type { Evaluator, Judgement, JudgeOptions } from '../judge/types.js';
import { classify, LLM_FAILURES, llmFailure, refusesSchema, type LlmCost } from './failures.js';
import { createTurns } from './turns.js';
import { createWire } from './wire.js';

export interface LlmConfig {
  api_key: string;
  /** Undefined: OpenAI's own. */
  base_url?: string | undefined;
  model: string;
  timeout_ms: number;
}

// An answer that does not fit is worth two more tries, a refusal one: the next would say the same.
const ASKS = { badAnswer: 3, refused: 2 } as const;
/** Between them, and between any two tries at a server that fails. */
const ASK_AGAIN_MS = 1_000;
/** A verdict is under 2,000 tokens; the rest is room for models that think aloud. */
const MAX_ANSWER_TOKENS = 8_192;

type Method = 'jsonSchema' | 'functionCalling';

const VERDICT = 'verdict';
const ANSWER_SCHEMA: Record<string, unknown> = z.toJSONSchema(modelAnswer);

const completion = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z.array(z.object({ function: z.object({ arguments: z.string() }) })).nullish(),
        }),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
});

interface Usable {
  answer: ModelAnswer;
  raw: string;
  cost: LlmCost;
}

interface Reply extends LlmCost {
  text: string;
  refused: boolean;
  cut: boolean;
}

/** Any body that came with 200; one that is no completion is a wrong answer like any other. */
function readReply(body: string): Reply {
  const parsed = completion.safeParse(parseJson(body)).data;
  const choice = parsed?.choices[0];
  const message = choice?.message;
  return {
    text:
      message?.tool_calls?.[0]?.function.arguments ?? message?.content ?? (parsed === undefined ? body : ''),
    refused: typeof message?.refusal === 'string' || choice?.finish_reason === 'content_filter',
    cut: choice?.finish_reason === 'length',
    tokens_in: parsed?.usage?.prompt_tokens ?? 0,
    tokens_out: parsed?.usage?.completion_tokens ?? 0,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Servers without a schema mode like to put their JSON into a code fence. */
function parseAnswer(text: string): ModelAnswer | undefined {
  const body = withoutFence(text.trim());
  return modelAnswer.safeParse(parseJson(body)).data;
}

const FENCE = '```';

function withoutFence(text: string): string {
  if (text.length < 2 * FENCE.length || !text.startsWith(FENCE) || !text.endsWith(FENCE)) return text;
  return text.slice(FENCE.length, -FENCE.length).replace(/^json/u, '').trim();
}

export function createLlmEvaluator(config: LlmConfig): Evaluator {
  let method: Method = 'jsonSchema';
  const turns = createTurns(ASK_AGAIN_MS);
  // Models that think refuse the parameter.
  const temperature = /^(?:o\d|gpt-5)/u.test(config.model) ? {} : { temperature: 0 };
  const base = config.base_url === undefined ? {} : { baseURL: config.base_url };

  const wire = createWire();
  const model = new ChatOpenAI({
    model: config.model,
    apiKey: config.api_key,
    timeout: config.timeout_ms,
    maxRetries: 0,
    maxTokens: MAX_ANSWER_TOKENS,
    ...temperature,
    configuration: { ...base, fetch: wire.fetch },
  });
  // What `withStructuredOutput` asks for, without its parsers: they cost more than the rest of a call, and the answer
  // is read on the wire, because one that does not parse has cost tokens too and the bundle keeps it as it was.
  const asking = {
    jsonSchema: model.withConfig({
      response_format: {
        type: 'json_schema',
        json_schema: { name: VERDICT, schema: ANSWER_SCHEMA, strict: true },
      },
    }),
    functionCalling: model.bindTools(
      [{ type: 'function', function: { name: VERDICT, description: '', parameters: ANSWER_SCHEMA } }],
      { strict: true, tool_choice: { type: 'function', function: { name: VERDICT } } },
    ),
  } satisfies Record<Method, unknown>;

  async function call(prompt: Prompt, key: string, signal: AbortSignal, how: Method): Promise<Reply> {
    const name = wire.newCall();
    let failure: unknown;
    try {
      await asking[how].invoke(
        [
          ['system', prompt.system],
          ['human', prompt.user],
        ],
        { signal, options: { headers: { ...name, 'Idempotency-Key': key } } },
      );
    } catch (error) {
      failure = error;
    }
    const body = wire.bodyOf(name);
    if (failure !== undefined) signal.throwIfAborted();
    if (body === undefined) throw failure ?? new Error('the model server sent no body');
    return readReply(body);
  }

  async function ask(prompt: Prompt, key: string, signal: AbortSignal): Promise<Reply> {
    const how = method;
    try {
      return await call(prompt, key, signal, how);
    } catch (error) {
      if (how !== 'jsonSchema' || !refusesSchema(error)) throw error;
      method = 'functionCalling';
      return await call(prompt, key, signal, method);
    }
  }

  async function askUntilUsable(prompt: Prompt, options: JudgeOptions): Promise<Usable> {
    const cost: LlmCost = { tokens_in: 0, tokens_out: 0 };
    for (let wrong = 1, refused = 0, asked = 1; ; asked += 1) {
      // Asking again is another effect: a server that keeps answers by key would repeat the wrong one.
      const key = asked === 1 ? options.effect_key : `${options.effect_key}/ask-${asked}`;
      let reply: Reply;
      await turns.take(options.signal);
      try {
        reply = await ask(prompt, key, options.signal);
      } catch (error) {
        options.signal.throwIfAborted();
        const failure = classify(error, cost, Date.now());
        if (failure.nonRetryable) turns.answered();
        else turns.failed();
        throw failure;
      }
      turns.answered();
      cost.tokens_in += reply.tokens_in;
      cost.tokens_out += reply.tokens_out;
      const answer = reply.refused || reply.cut ? undefined : parseAnswer(reply.text);
      if (answer !== undefined) return { answer, raw: reply.text, cost };
      if (reply.refused) {
        refused += 1;
        if (refused >= ASKS.refused)
          throw llmFailure(LLM_FAILURES.refused, 'the model refuses to judge this control', cost);
      } else {
        if (wrong >= ASKS.badAnswer)
          throw llmFailure(LLM_FAILURES.badAnswer, 'the model does not answer in the form asked for', cost);
        wrong += 1;
      }
      await sleep(ASK_AGAIN_MS, undefined, { signal: options.signal });
    }
  }

  return {
    kind: 'llm',
    /** Throws failures of `failures.ts`, or the signal's reason when cancelled. */
    async judge(input, options): Promise<Judgement> {
      const empty = nothingToRead(input, 'llm');
      if (empty !== undefined) return empty;
      const hostile = suspects(input);
      const prompt = buildPrompt(input, hostile);
      const { answer, raw, cost } = await askUntilUsable(prompt, {
        ...options,
        // A batch shares one signal over many calls; listeners must not pile up on it.
        signal: AbortSignal.any([options.signal]),
      });
      return {
        ...cleanAnswer(answer, input, prompt.shown, hostile),
        evaluated_by: 'llm',
        model: config.model,
        prompt_version: PROMPT_VERSION,
        prompt_sha256: prompt.sha256,
        raw_answer: raw,
        ...cost,
      };
    },
  };
}
