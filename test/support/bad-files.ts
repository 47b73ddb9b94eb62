// Files that are not what they claim to be, each with the reason for which it is refused.
import type { Rejection } from '../../domain/evidence/rules.js';
import { docx, pdf, zip } from './files.js';

export const TYPES = {
  pdf: 'application/pdf',
  png: 'image/png',
  jpg: 'image/jpeg',
  txt: 'text/plain',
  csv: 'text/csv',
  json: 'application/json',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;

export interface BadFile {
  words: string;
  filename: string;
  content_type: string;
  bytes: Buffer;
  reason: Rejection;
}

const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
const PROGRAM = Buffer.concat([Buffer.from('MZ\u0090\u0000', 'latin1'), Buffer.alloc(600)]);
const ELF = Buffer.concat([Buffer.from('\u007fELF\u0002\u0001\u0001\u0000', 'latin1'), Buffer.alloc(600)]);
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const PARTS = [{ name: '[Content_Types].xml', data: '<Types/>' }];

export const PIXEL = PNG;

function office(...entries: Parameters<typeof zip>[0]): Buffer {
  return zip([...PARTS, ...entries]);
}

const file = (words: string, name: string, bytes: Buffer, reason: Rejection): BadFile => {
  const content_type = Object.entries(TYPES).find(([ending]) => name.endsWith(`.${ending}`))?.[1] ?? '';
  return { words, filename: name, content_type, bytes, reason };
};

export const BAD_FILES: readonly BadFile[] = [
  file('a Windows program renamed to pdf', 'report.pdf', PROGRAM, 'executable'),
  file('a Linux program renamed to png', 'screenshot.png', ELF, 'executable'),
  file('a script as text', 'notes.txt', Buffer.from('#!/bin/sh\nrm -rf /\n'), 'executable'),
  file('the antivirus test file', 'eicar.txt', Buffer.from(EICAR), 'executable'),
  file('a document with macros', 'policy.docx', office(
    { name: 'word/document.xml', data: '<w/>' },
    { name: 'word/vbaProject.bin', data: 'x' },
  ), 'executable'), // prettier-ignore
  file('a zip bomb as a sheet', 'users.xlsx', office(
    { name: 'xl/workbook.xml', data: Buffer.alloc(30 * 1024 * 1024) },
  ), 'archive_bomb'), // prettier-ignore
  file('a zip bomb that lies about its size', 'users.xlsx', office(
    { name: 'xl/workbook.xml', data: Buffer.alloc(5 * 1024 * 1024), declared: 10 },
  ), 'archive_bomb'), // prettier-ignore
  file('an archive with too many entries', 'users.xlsx', office(
    ...Array.from({ length: 2_001 }, (_, at) => ({ name: `xl/${String(at)}`, data: '' })),
  ), 'archive_bomb'), // prettier-ignore
  file('an archive whose entry climbs', 'policy.docx', office(
    { name: 'word/document.xml', data: '<w/>' },
    { name: '../../etc/cron.d/x', data: 'x' },
  ), 'damaged'), // prettier-ignore
  file('a damaged archive', 'policy.docx', docx(['Cut off.']).subarray(0, 300), 'damaged'),
  file('a page as pdf', 'report.pdf', Buffer.from('<!doctype html><script>alert(1)</script>'), 'wrong_type'),
  file('a picture as pdf', 'report.pdf', PNG, 'wrong_type'),
  file('a pdf as text', 'notes.txt', pdf(['Really a PDF.']), 'wrong_type'),
  file('bytes as text', 'users.csv', Buffer.from('a,b\n\u0000\u0001\u0002'), 'wrong_type'),
  file('text as JSON', 'export.json', Buffer.from('<xml/>'), 'wrong_type'),
  file('an archive as a document', 'policy.docx', zip([{ name: 'x.txt', data: 'x' }]), 'wrong_type'),
  file('a pdf that is an archive too', 'report.pdf', Buffer.concat([pdf(['Two files in one.']), zip([{ name: 'x', data: 'x' }])]), 'wrong_type'), // prettier-ignore
  file(
    'a pdf behind a page',
    'report.pdf',
    Buffer.concat([Buffer.from('<html>'), pdf(['Behind.'])]),
    'wrong_type',
  ),
];
