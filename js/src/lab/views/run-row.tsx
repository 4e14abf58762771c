import * as React from 'react';
import { formatDelta, formatJson, formatNumber } from '../../shared/numbers';
import { formatAgo, formatMoment } from '../../shared/times';
import type { IRowMetric, IRunRow } from '../../shared/wire';
import { shortName } from '../model/param-order';
import { Elapsed } from './elapsed';
import { Sparkline } from './sparkline';
import { StatusDot } from './status-dot';

const BASELINE = 'baseline';

export interface IRunRowProps {
  row: IRunRow;
  /** The params to show, in this order. */
  params: readonly string[];
  place: number | null;
  now: number;
  onToggle(): void;
  onOpen(): void;
}

/** Two lines: who and how good, with what and when. */
export function RunRow(props: IRunRowProps): JSX.Element {
  const { row, place } = props;
  const names = props.params.filter(name => name in row.params);
  return (
    <>
      <input
        type="checkbox"
        tabIndex={-1}
        checked={place !== null}
        aria-label={`Select ${row.name}`}
        onChange={props.onToggle}
        onClick={event => event.stopPropagation()}
      />
      <StatusDot status={row.status} />
      <div className="nbtrail-RunRow-lines">
        <div className="nbtrail-RunRow-line">
          <span
            className="nbtrail-RunRow-name"
            title={describeRun(row)}
            onClick={event => {
              event.stopPropagation();
              props.onOpen();
            }}
          >
            {row.starred && <span title="Starred">★ </span>}
            {row.name}
          </span>
          <RowTags tags={row.tags} />
          {row.metric && <MetricValue metric={row.metric} />}
        </div>
        <div className="nbtrail-RunRow-line nbtrail-RunRow-second">
          <span
            className="nbtrail-RunRow-params"
            title={describeParams(row, names, name => name)}
          >
            {describeParams(row, names, name => shortName(name, names))}
          </span>
          {row.spark && <Sparkline spark={row.spark} place={place} />}
          <Ending row={row} now={props.now} />
        </div>
      </div>
    </>
  );
}

/** The baseline's pill always; of the other tags those for which the name leaves room. */
function RowTags({ tags }: { tags: readonly string[] }): JSX.Element {
  return (
    <>
      <TagPills tags={tags.filter(tag => tag === BASELINE)} />
      <span className="nbtrail-RunRow-tags">
        <TagPills tags={tags.filter(tag => tag !== BASELINE)} />
      </span>
    </>
  );
}

export function TagPills({ tags }: { tags: readonly string[] }): JSX.Element {
  return (
    <>
      {tags.map(tag => (
        <span key={tag} className="nbtrail-TagPill" data-tag={tag} title={tag}>
          {tag}
        </span>
      ))}
    </>
  );
}

function MetricValue({ metric }: { metric: IRowMetric }): JSX.Element {
  const { name, value, delta, better } = metric;
  const difference = delta === null ? null : formatDelta(delta);
  return (
    <span className="nbtrail-RunRow-metric">
      {name} {formatNumber(value)}
      {difference && (
        <span
          className="nbtrail-Delta"
          data-better={better ?? undefined}
          title="Difference to the baseline"
        >
          {` ${difference.arrow} ${difference.text}`}
        </span>
      )}
    </span>
  );
}

function Ending({ row, now }: { row: IRunRow; now: number }): JSX.Element {
  if (row.status === 'running') {
    return (
      <span className="nbtrail-RunRow-ending">
        running <Elapsed since={row.started} />
      </span>
    );
  }
  const ended = row.ended ?? row.started;
  return (
    <span
      className="nbtrail-RunRow-ending"
      title={[row.error, formatMoment(ended)].filter(Boolean).join('\n')}
    >
      {describeEnding(row, now)}
    </span>
  );
}

/** How and when a run ended: `12 min`, `interrupted · Tue`, `ValueError in [14] · Tue`. */
export function describeEnding(row: IRunRow, now: number): string {
  const ago = formatAgo(row.ended ?? row.started, now);
  if (row.status === 'failed') {
    return `${row.error?.split(':')[0] ?? 'failed'} · ${ago}`;
  }
  return row.status === 'finished' ? ago : `${row.status} · ${ago}`;
}

/** What does not fit into the row: the whole name, the tags, the note. */
function describeRun({ name, tags, note }: IRunRow): string {
  const tagged = tags.length > 0 ? `tags: ${tags.join(', ')}` : '';
  return [name, tagged, note].filter(Boolean).join('\n');
}

function describeParams(
  row: IRunRow,
  names: readonly string[],
  nameOf: (name: string) => string
): string {
  return names
    .map(name => `${nameOf(name)} ${formatJson(row.params[name] ?? null)}`)
    .join(' · ');
}
