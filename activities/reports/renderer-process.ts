// The process that draws reports.
import { setFlagsFromString } from 'node:v8';
import { watchThread } from '../isolation/watch.js';

/*
 * Typst is 28 MB of WebAssembly. V8 would make faster code of its busy functions on all processors at once, and hold the
 * memory of that: 30 MB for a report that takes no longer with one at a time. A V8 that does not know this word goes on.
 */
setFlagsFromString('--wasm-num-compilation-tasks=1');

watchThread(new URL('./thread', import.meta.url));
