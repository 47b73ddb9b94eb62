// Text from outside made safe to show a model, to compare and to keep.

// Tags, zero-width, joiners, bidi controls, variation selectors, soft hyphen, fillers: what a person does not see.
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;
// oxlint-disable-next-line no-control-regex -- control characters are what it takes out
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/gu;
const LINE_ENDS = /\r\n?|\u2028|\u2029|\u0085/gu;

/** Line breaks unified; control characters, lone surrogates and everything invisible gone. */
export function cleanText(text: string, { keep_invisible = false } = {}): string {
  const clean = text.toWellFormed().replace(LINE_ENDS, '\n').replace(CONTROLS, '');
  return keep_invisible ? clean : clean.replace(INVISIBLE, '');
}

/** What was written in Unicode tag characters, which print as nothing and which models read. */
export function taggedText(text: string): string {
  const tags = text.match(/[\u{e0020}-\u{e007e}]/gu) ?? [];
  return tags.map((tag) => String.fromCharCode((tag.codePointAt(0) ?? 0) - 0xe0000)).join('');
}

/** One form for comparing: whitespace, quotation marks and dashes do not count. */
export function normalizeForMatch(text: string): string {
  return cleanText(text)
    .normalize('NFKC')
    .replace(/[\u2018\u2019\u201a\u201b\u2032\u00b4`]/gu, "'")
    .replace(/[\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb]/gu, '"')
    .replace(/[\u2010-\u2015\u2212]/gu, '-')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** A model's own prose: no markup that a viewer would render or fetch, no addresses, bounded. */
export function cleanProse(text: string, max: number): string {
  const plain = cleanText(text)
    .replace(/!?\[([^[\]]{0,500})\]\([^()]{0,2000}\)/gu, '$1')
    .replace(/<\/?[a-z!][^<>]{0,2000}>/giu, '')
    .replace(/\b(?:https?|ftp|file|data|javascript):\S+/giu, '[link removed]')
    .trim();
  return clip(plain, max);
}

export function clip(text: string, max: number): string {
  return text.length <= max
    ? text
    : `${text
        .slice(0, max - 1)
        .toWellFormed()
        .replace(/\ufffd$/u, '')}…`;
}
