// The process that reads files.
import { watchThread } from '../isolation/watch.js';

watchThread(new URL('./thread', import.meta.url));
