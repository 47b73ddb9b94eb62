// The process that draws reports.
import { watchThread } from '../isolation/watch.js';

watchThread(new URL('./thread', import.meta.url));
