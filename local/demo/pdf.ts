import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { CompileFormatEnum, createTypstCompiler, type TypstCompiler } from '@myriaddreamin/typst.ts/compiler';
import initWasm from '@myriaddreamin/typst-ts-web-compiler';
import { disableDefaultFontAssets, loadFonts } from '@myriaddreamin/typst.ts/options.init';
import { columnShares, type Block, type DemoDocument } from './markdown.js';

const require = createRequire(import.meta.url);
const WASM = '@myriaddreamin/typst-ts-web-compiler/pkg/typst_ts_web_compiler_bg.wasm';
const FONTS = [
  '400Regular/Inter_400Regular',
  '400Regular_Italic/Inter_400Regular_Italic',
  '700Bold/Inter_700Bold',
];

let compiler: Promise<TypstCompiler> | undefined;

async function createCompiler(): Promise<TypstCompiler> {
  const fonts = FONTS.map((name) => readFile(require.resolve(`@expo-google-fonts/inter/${name}.ttf`)));
  const wasm = await readFile(require.resolve(WASM));
  // Started here, because the driver's own way of passing the module prints a deprecation warning.
  await initWasm({ module_or_path: wasm });
  const made = createTypstCompiler();
  await made.init({
    getModule: () => wasm,
    beforeBuild: [disableDefaultFontAssets(), loadFonts(await Promise.all(fonts), { assets: false })],
  });
  made.addSource('/main.typ', await readFile(new URL('./document.typ', import.meta.url), 'utf8'));
  return made;
}

function withWidths(block: Block): Block | (Block & { widths: number[] }) {
  return block.kind === 'table' ? { ...block, widths: columnShares(block) } : block;
}

export async function renderPdf(document: DemoDocument, author: string): Promise<Buffer> {
  // One warm compiler: starting it costs a second, a page a fifth of that.
  compiler ??= createCompiler();
  const data = { title: document.title, author, blocks: document.blocks.map(withWidths) };
  const { result, diagnostics } = await (
    await compiler
  ).compile({
    mainFilePath: '/main.typ',
    format: CompileFormatEnum.pdf,
    inputs: { document: JSON.stringify(data) },
    diagnostics: 'unix',
  });
  if (result === undefined) throw new Error(`typst: ${(diagnostics ?? []).join('; ')}`);
  return Buffer.from(result);
}
