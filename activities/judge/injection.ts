/*
 * Finds text in evidence that speaks to the assessor instead of stating facts. It cannot be complete, and nothing
 * rests on its being so: what it finds costs a document its weight, what it misses meets the citation check.
 */
import { cleanText, taggedText } from './text.js';

const VERDICT =
  '(?:pass(?:ed|ing)?|compliant|effective|satisfied|bestanden|konform|conforme|aprobado|cumple|通过|合规)';
const PATTERNS: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:previous|prior|above|earlier|system|all|any|other|your)\b.{0,40}\b(?:instructions?|prompts?|rules?|guidelines?|context|messages?|directions?)\b/u,
  new RegExp(
    `\\b(?:mark|set|rate|grade|report|return|record|treat|answer|respond|output|judge|score|classify|consider|change)\\b.{0,60}\\b(?:controls?|verdict|status|findings?|criteri(?:on|a)|assessment|[a-z]{1,2}\\d\\.\\d)\\b.{0,40}\\b${VERDICT}\\b`,
    'u',
  ),
  new RegExp(
    `\\b(?:verdict|status|assessment result|conclusion)\\b.{0,20}\\b(?:must|should|shall|has to|needs to)\\b.{0,20}\\b(?:be|read|say)\\b.{0,20}\\b${VERDICT}\\b`,
    'u',
  ),
  /\b(?:you are|you're|act as|pretend to be|roleplay as|behave as)\b.{0,40}\b(?:now|an? (?:ai|assistant|assessor|auditor|model|language model|helpful)|dan|unrestricted|in developer mode)\b/u,
  /\b(?:note|message|instructions?|attention|dear|hello|hey|important|memo|directive)\b.{0,30}\b(?:ai|llm|language model|assistant|chatbot|model|automated (?:assessor|auditor|reviewer|evaluator)|assessor|gpt|claude)\b\s*[:,!>.]/u,
  /\b(?:ai|llm|language model|automated) (?:assistants?|assessors?|auditors?|reviewers?|evaluators?|models?|systems?)\b.{0,40}\b(?:must|should|shall|are to|is to|have to|please|need to)\b/u,
  /<\|?\s*(?:im_start|im_end|system|assistant|endoftext|start_header_id)\s*\|?>|\[\/?inst\]|<<\/?sys>>|##\s{0,20}(?:system|assistant|instruction)/u,
  /(?:^|\n)[^\S\n]{0,40}(?:system|user|human|developer)\s{0,20}:[\s\S]{0,400}\n[^\S\n]{0,40}assistant\s{0,20}:/u,
  /(?:^|\n)[^\S\n]{0,40}(?:system|developer) (?:prompt|message|override|instruction)s?\s{0,20}:/u,
  /\bsystem (?:prompt|override|message)\b/u,
  /\b(?:end|close|begin|start)(?: of)?[ _-]?(?:evidence|documents?|untrusted data|data block)\b.{0,10}(?:-{2,}|={2,}|>{2,}|\]|$|\n)/u,
  /"status"\s*:\s*"pass"[\s\S]{0,200}"(?:confidence|rationale|severity|citations)"/u,
  /"(?:confidence|rationale|severity|citations)"[\s\S]{0,200}"status"\s*:\s*"pass"/u,
  /\b(?:call|invoke|use|run|execute)\b.{0,20}\b(?:the )?(?:tool|function|plugin|api)\b.{0,60}\b(?:approve|pass|override|set|update|finding|verdict|status|delete|send)\w*/u,
  /!\[[^\]]{0,200}\]\(\s*https?:[^)]*[?&=][^)]*\)/u,
  /\b(?:fetch|load|visit|open|send|post|append|include|leak|exfiltrate|transmit)\b.{0,80}(?:\bhttps?:\/\/|\b(?:prompt|system message|other (?:tenant|organi[sz]ation|customer)s?)\b)/u,
  /\b(?:reveal|print|repeat|show|disclose)\b.{0,30}\b(?:your|the)\b.{0,20}\b(?:system prompt|instructions|hidden prompt)\b/u,
  /\b(?:do not|don't|never|without)\b.{0,20}\b(?:flag|report|mention|raise|request|require|requiring|needs?)\b.{0,40}\b(?:review|this (?:note|text|message|instruction)|human|gaps?|to a person)\b/u,
  /\bconfidence\b.{0,15}\b(?:of |to |= ?|: ?)(?:1(?:\.0+)?|100 ?%|0\.9\d*)\b.{0,120}\b(?:pass|verdict|status|assess)/u,
  /\b(?:the )?(?:assessor|auditor|evaluator|reviewer)\b.{0,20}\b(?:must|shall|is (?:instructed|required|ordered|told) to|has been instructed to)\b.{0,40}\b(?:pass|approve|accept|mark|skip|ignore|conclude)\b/u,
  /\b(?:skip|stop|end)\b.{0,15}\b(?:the|this|your)\b.{0,15}\b(?:evaluation|assessment|analysis|review)\b.{0,60}\b(?:pass|approve|compliant|return|answer)/u,
  /ignor(?:ez|er|a|e|iere|ieren sie|iert|are)\b.{0,40}(?:instruc|anweisung|consignes|istruzioni|regeln|anteriores|précédentes|vorherigen|precedenti)/u,
  /(?:bewerte|markiere|setze|marque[zr]?|marca|evalú[ae]|considère|valuta)\w*\b.{0,50}(?:kontroll\w*|contr[oô]l\w*|status|estado|statut|controllo)\b.{0,40}(?:bestanden|pass|konform|conforme|aprobad|superat|cumple)/u,
  /(?:忽略|无视).{0,12}(?:指令|指示|说明|规则|提示)|(?:标记|判定|评定|设置).{0,12}(?:通过|合规)|(?:無視|無効).{0,12}(?:してください|せよ)|以前の指示/u,
  /игнорируй\w*.{0,40}(?:инструкц|указани|правил)|تجاهل.{0,30}(?:التعليمات|الأوامر)/u,
];

const LOOKALIKES: Readonly<Record<string, string>> = {
  а: 'a', с: 'c', е: 'e', һ: 'h', і: 'i', ј: 'j', о: 'o', р: 'p', ѕ: 's', х: 'x', у: 'y', ԁ: 'd', ո: 'n', м: 'm', т: 't', к: 'k', в: 'b', н: 'h', ɡ: 'g', ӏ: 'l', ν: 'v', ο: 'o', α: 'a', ι: 'i', ρ: 'p', τ: 't', ε: 'e',
}; // prettier-ignore

const LEET: Readonly<Record<string, string>> = {
  0: 'o',
  1: 'i',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  '@': 'a',
  $: 's',
};

function foldLookalikes(text: string): string {
  // Only in words that mix alphabets: real Cyrillic or Greek stays what it is.
  return text.replace(/[\p{L}]+/gu, (word) =>
    /[a-z]/u.test(word) ? [...word].map((letter) => LOOKALIKES[letter] ?? letter).join('') : word,
  );
}

function foldLeet(text: string): string {
  return text.replace(/[a-z0134578@$]+/gu, (word) =>
    /[a-z]/u.test(word) ? [...word].map((letter) => LEET[letter] ?? letter).join('') : word,
  );
}

/** `i g n o r e   a l l`: letters set apart one by one. */
function joinSpaced(text: string): string {
  return text.replace(/(?:\b[a-z][ .\-_*]){3,}[a-z]\b/gu, (run) => run.replace(/[ .\-_*]/gu, ''));
}

function decoded(text: string): string[] {
  const runs = text.match(/[A-Za-z0-9+/_-]{24,}={0,2}/gu) ?? [];
  const found = runs.slice(0, 200).map((run) => Buffer.from(run, 'base64').toString('utf8'));
  const hex = (text.match(/(?:[0-9a-f]{2}\s?){16,}/giu) ?? [])
    .slice(0, 200)
    .map((run) => Buffer.from(run.replace(/\s/gu, ''), 'hex').toString('utf8'));
  return [...found, ...hex].filter((each) => /^[\p{L}\p{N}\p{P}\p{Z}\n\t]+$/u.test(each));
}

function rot13(text: string): string {
  return text.replace(/[a-z]/gu, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 84) % 26) + 97));
}

/** Line breaks inside a sentence must not hide it; paragraph starts must stay visible. */
function forms(text: string): string[] {
  const folded = foldLookalikes(cleanText(text).normalize('NFKC').toLowerCase()).replace(/\\"|""/gu, '"');
  const flat = folded.replace(/[ \t\n]+/gu, ' ');
  return [folded, flat, joinSpaced(folded).replace(/\s+/gu, ' '), foldLeet(flat), rot13(flat)];
}

function matches(text: string): boolean {
  return forms(text).some((form) => PATTERNS.some((pattern) => pattern.test(form)));
}

/** Size of what is looked at in one go: keeps the patterns' work bounded on a hostile document. */
const WINDOW = 4_000;
const OVERLAP = 500;

/** True when the text holds orders to whoever assesses it, also when they are hidden from a reader's eyes. */
export function holdsInstructions(text: string): boolean {
  if (taggedText(text).length >= 4) return true;
  if (/[\u202d\u202e]/u.test(text)) return true;
  for (let from = 0; from < text.length; from += WINDOW - OVERLAP) {
    const part = text.slice(from, from + WINDOW);
    if (matches(part) || decoded(part).some(matches)) return true;
  }
  return false;
}
