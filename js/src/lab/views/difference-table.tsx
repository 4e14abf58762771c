import * as React from 'react';
import type { IComparedRun, IDelta, IDifference } from '../../shared/wire';

/** What differs between runs, one row a thing and one column a run; what does not waits to be asked for. */
export function DifferenceTable(props: {
  runs: readonly IComparedRun[];
  rows: readonly IDifference[];
}): JSX.Element {
  const [isWhole, setWhole] = React.useState(false);
  const same = props.rows.filter(row => !isShown(row));
  const rows = isWhole ? props.rows : props.rows.filter(isShown);
  return (
    <div className="nbtrail-Scroll">
      <table className="nbtrail-Differences">
        <thead>
          <tr>
            <td />
            {props.runs.map(run => (
              <RunHeader key={run.id} run={run} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <DifferenceRow key={`${row.level}:${row.name}`} row={row} />
          ))}
        </tbody>
      </table>
      {same.length > 0 && (
        <button
          className="nbtrail-Link"
          aria-expanded={isWhole}
          onClick={() => setWhole(!isWhole)}
        >
          {isWhole ? 'Hide' : 'Show'} what is the same ({same.length})
        </button>
      )}
    </div>
  );
}

/** Metrics and durations are results: they are worth a look even where they are equal. */
function isShown({ differs, level }: IDifference): boolean {
  return differs || level === 'metrics' || level === 'duration';
}

function RunHeader({ run }: { run: IComparedRun }): JSX.Element {
  return (
    <th scope="col">
      {run.name}
      {run.baseline && (
        <span className="nbtrail-TagPill" data-tag="baseline">
          baseline
        </span>
      )}
    </th>
  );
}

function DifferenceRow({ row }: { row: IDifference }): JSX.Element {
  const isMarked =
    row.differs && row.level !== 'metrics' && row.level !== 'duration';
  return (
    <tr data-differs={isMarked}>
      <th scope="row">{row.label}</th>
      {row.values.map((value, index) => (
        <td
          key={index}
          data-best={row.best === index}
          title={value ?? undefined}
        >
          {value ?? <span className="nbtrail-Missing">–</span>}
          <Delta delta={row.deltas?.[index] ?? null} />
        </td>
      ))}
    </tr>
  );
}

function Delta({ delta }: { delta: IDelta | null }): JSX.Element | null {
  if (!delta) {
    return null;
  }
  return (
    <span className="nbtrail-Delta" data-better={delta.better ?? undefined}>
      {` ${markDelta(delta.text)}`}
    </span>
  );
}

/** `▲ .012` above the baseline's value, `▼ .021` below, `±0` beside it. */
function markDelta(text: string): string {
  if (Number(text) === 0) {
    return '±0';
  }
  const size = text.replace(/^[-−+]/, '').replace(/^0\./, '.');
  return `${/^[-−]/.test(text) ? '▼' : '▲'} ${size}`;
}
