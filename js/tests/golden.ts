import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../..', import.meta.url));

/** A file of `tests/wire/`, which both languages read. */
export function golden<T>(name: string): T {
  const file = `${FOLDER}/tests/wire/${name}.json`;
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
