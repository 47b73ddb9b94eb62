/*
 * A report as a PDF by Typst, which has no network and is given no files but our templates. What users wrote goes in as
 * JSON and is never read as markup.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  CompileFormatEnum,
  createTypstCompiler,
  createTypstFontBuilder,
  type TypstCompiler,
} from '@myriaddreamin/typst.ts/compiler';
import { disableDefaultFontAssets } from '@myriaddreamin/typst.ts/options.init';
import type { ReportDocument } from '../../domain/reports/document-schema.js';
import { figuresOf } from './figures.js';
import { printableDeep } from './text.js';

/** Only the weights that the templates use: the Chinese family alone weighs ten megabytes a weight. */
const FONTS = [
  'inter/400Regular/Inter_400Regular.ttf',
  'inter/400Regular_Italic/Inter_400Regular_Italic.ttf',
  'inter/600SemiBold/Inter_600SemiBold.ttf',
  'inter/700Bold/Inter_700Bold.ttf',
  'noto-sans-arabic/400Regular/NotoSansArabic_400Regular.ttf',
  'noto-sans-arabic/700Bold/NotoSansArabic_700Bold.ttf',
  'noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf',
  'noto-emoji/400Regular/NotoEmoji_400Regular.ttf',
] as const;

const TEMPLATES = new URL('./templates/', import.meta.url);
const { resolve } = createRequire(import.meta.url);

async function openCompiler(): Promise<TypstCompiler> {
  const wasm = resolve('@myriaddreamin/typst-ts-web-compiler/wasm');
  // Read when asked for, since the module has a copy of its own: what this function names lives on in the fonts' closures.
  // Its default fonts would come from the network.
  const options = { getModule: () => readFileSync(wasm), beforeBuild: [disableDefaultFontAssets()] };
  const fonts = createTypstFontBuilder();
  await fonts.init(options);
  for (const font of FONTS) {
    const path = resolve(`@expo-google-fonts/${font}`);
    const info = await fonts.getFontInfo(readFileSync(path));
    await fonts.addLazyFont(info, () => new Uint8Array(readFileSync(path)));
  }
  const compiler = createTypstCompiler();
  await compiler.init(options);
  await fonts.build((resolver) => Promise.resolve(compiler.setFonts(resolver)));
  for (const name of readdirSync(TEMPLATES)) {
    compiler.addSource(`/${name}`, readFileSync(new URL(name, TEMPLATES), 'utf8'));
  }
  return compiler;
}

let opened: Promise<TypstCompiler> | undefined;

export async function reportPdf(document: ReportDocument): Promise<Uint8Array> {
  opened ??= openCompiler();
  const compiler = await opened;
  const { result, diagnostics } = await compiler.compile({
    mainFilePath: '/main.typ',
    inputs: {
      document: JSON.stringify(printableDeep(document)),
      figures: JSON.stringify(figuresOf(document)),
    },
    format: CompileFormatEnum.pdf,
    diagnostics: 'unix',
  });
  if (result === undefined) throw new Error((diagnostics ?? []).join('; '));
  return result;
}
