import type { IRunRow, Json } from '../../shared/wire';

/**
 * The names of the runs' params, those first that tell the runs apart: with more than one value, then those that only
 * some runs have, then those that are the same everywhere. Each kind is in the order in which it is met.
 */
export function orderParams(rows: Iterable<IRunRow>): string[] {
  const seen = new Map<string, { values: Set<string>; runs: number }>();
  let runs = 0;
  for (const { params } of rows) {
    runs += 1;
    for (const [name, value] of Object.entries(params)) {
      const param = seen.get(name) ?? { values: new Set(), runs: 0 };
      seen.set(name, param);
      param.values.add(textOf(value));
      param.runs += 1;
    }
  }
  const rank = (name: string): number => {
    const param = seen.get(name)!;
    return param.values.size > 1 ? 0 : param.runs < runs ? 1 : 2;
  };
  return [...seen.keys()].sort((one, other) => rank(one) - rank(other));
}

/** What tells a name apart among others: `max_depth` of `RandomForestClassifier.max_depth`, if no other ends so. */
export function shortName(name: string, names: readonly string[]): string {
  const tail = lastPart(name);
  return names.filter(other => lastPart(other) === tail).length > 1
    ? name
    : tail;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
