import type { INames } from '../../shared/wire';

export type TokenKind = 'word' | 'operator' | 'number' | 'text' | 'plain';

export interface IToken {
  kind: TokenKind;
  text: string;
}

export interface ICompletion {
  /** What is put in place of `from`…`to` of the filter. */
  insert: string;
  label: string;
  hint: string;
}

export interface ICompletions {
  from: number;
  to: number;
  items: ICompletion[];
}

const TOKEN =
  /("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)|([<>=!]=?)|\b(and|or|not|in|is)\b|((?<![\w.])-?\d[\d_]*\.?\d*(?:e[-+]?\d+)?)|([\w.]+|\s+|.)/giu;

const RUN_FIELDS: Record<string, string> = {
  duration: 'seconds',
  ended: 'time',
  error: 'text',
  name: 'text',
  note: 'text',
  notebook: 'text',
  started: 'time',
  starred: 'yes or no',
  status: 'text',
  tags: '"…" in tags'
};
const STATUSES = ['running', 'finished', 'failed', 'interrupted', 'lost'];
const WORDS = ['and', 'or', 'not', 'in'];
const METRIC_PARTS = ['last', 'min', 'max', 'mean', 'count', 'step'];
const MOST_COMPLETIONS = 12;

/** The filter cut into coloured pieces; joined they are the filter again. */
export function tokenise(filter: string): IToken[] {
  const tokens: IToken[] = [];
  for (const match of filter.matchAll(TOKEN)) {
    const [text, quoted, operator, word, number] = match;
    const kind: TokenKind = quoted
      ? 'text'
      : operator
        ? 'operator'
        : word
          ? 'word'
          : number
            ? 'number'
            : 'plain';
    tokens.push({ kind, text });
  }
  return tokens;
}

/** The same pieces with the one marked in which a mistake begins; past the end it is an empty piece. */
export function markColumn(
  tokens: readonly IToken[],
  column: number | null
): (IToken & { mistaken?: true })[] {
  if (column === null) {
    return [...tokens];
  }
  let start = 0;
  let isMarked = false;
  const marked = tokens.map(token => {
    const end = start + token.text.length;
    const isHere = column >= start && column < end;
    start = end;
    isMarked ||= isHere;
    return isHere ? { ...token, mistaken: true as const } : token;
  });
  return isMarked
    ? marked
    : [...marked, { kind: 'plain', text: ' ', mistaken: true }];
}

/** How a param or metric is written in the filter language: `params.lr`, `metrics["val/loss"]`. */
export function fieldOf(group: 'params' | 'metrics', name: string): string {
  return /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(name)
    ? `${group}.${name}`
    : `${group}[${JSON.stringify(name)}]`;
}

/** A filter that passes the runs which pass both; blank ones pass every run. */
export function bothFilters(first: string, second: string): string {
  if (!first.trim() || !second.trim()) {
    return first.trim() ? first : second;
  }
  return `(${first}) and ${second}`;
}

/** What could stand at the caret, of the names that exist. */
export function complete(
  filter: string,
  caret: number,
  names: INames
): ICompletions {
  const before = filter.slice(0, caret);
  const openText = /(["'])([^"']*)$/.exec(before);
  if (openText && isInsideText(before)) {
    return completeText(caret, openText[1] ?? '"', openText[2] ?? '', names);
  }
  const typed = /[\w.]*$/.exec(before)?.[0] ?? '';
  const wanted = typed.toLowerCase();
  const items = candidates(names).filter(
    ({ label }) => wanted !== '' && matches(label.toLowerCase(), wanted)
  );
  items.sort((a, b) => rank(a.label, wanted) - rank(b.label, wanted));
  const exact = items.length === 1 && items[0]?.insert === typed;
  return {
    from: caret - typed.length,
    to: caret,
    items: exact ? [] : items.slice(0, MOST_COMPLETIONS)
  };
}

function isInsideText(before: string): boolean {
  const tokens = tokenise(before);
  const last = tokens[tokens.length - 1];
  return last?.kind === 'text' && !/^(["']).*\1$/.test(last.text);
}

function completeText(
  caret: number,
  quote: string,
  typed: string,
  names: INames
): ICompletions {
  const wanted = typed.toLowerCase();
  const texts = [
    ...names.tags.map(tag => [tag, 'tag'] as const),
    ...names.notebooks.map(notebook => [notebook, 'notebook'] as const)
  ];
  const items = texts
    .filter(([text]) => text.toLowerCase().includes(wanted))
    .map(([text, hint]) => ({ insert: `${text}${quote}`, label: text, hint }));
  return {
    from: caret - typed.length,
    to: caret,
    items: items.slice(0, MOST_COMPLETIONS)
  };
}

function candidates(names: INames): ICompletion[] {
  const plain = (label: string, hint: string): ICompletion => ({
    insert: label,
    label,
    hint
  });
  const metrics = names.metrics.map(name => fieldOf('metrics', name));
  return [
    ...metrics.map(field => plain(field, 'metric')),
    ...names.params.map(name => plain(fieldOf('params', name), 'param')),
    ...Object.entries(RUN_FIELDS).map(([field, hint]) => plain(field, hint)),
    ...STATUSES.map(status => plain(status, 'status')),
    ...WORDS.map(word => plain(word, '')),
    ...metrics.flatMap(field =>
      METRIC_PARTS.map(part => plain(`${field}.${part}`, 'metric'))
    )
  ];
}

function matches(label: string, wanted: string): boolean {
  const isPart = METRIC_PARTS.some(part => label.endsWith(`.${part}`));
  if (isPart) {
    const dots = wanted.split('.').length;
    return dots > 2 && label.startsWith(wanted);
  }
  return label.includes(wanted);
}

function rank(label: string, wanted: string): number {
  const lower = label.toLowerCase();
  if (lower.startsWith(wanted)) {
    return 0;
  }
  return lower.includes(`.${wanted}`) ? 1 : 2;
}
