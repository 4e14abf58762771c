import { readFileSync } from 'node:fs';

/** A file of `tests/wire/`, which both languages read. */
export function golden<T>(name: string): T {
  const file = `${import.meta.dirname}/../../tests/wire/${name}.json`;
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
