import * as React from 'react';
import type { Problem } from '../api/problem';

/** What to do where there is no run yet. */
export function NoRunsYet(): JSX.Element {
  return (
    <div className="nbtrail-Notice">
      <p>No runs here yet.</p>
      <p>Write this in a cell of your notebook and run it:</p>
      <pre>{'%load_ext nbtrail\n%track'}</pre>
      <p>From then on its cells are a run, which appears here at once.</p>
    </div>
  );
}

/** What to do where the filter passes no run. */
export function NoMatch(props: {
  total: number;
  onClear(): void;
}): JSX.Element {
  const { total } = props;
  return (
    <div className="nbtrail-Notice">
      <p>
        {total === 1
          ? 'The one run does not pass this filter.'
          : `None of the ${total} runs passes this filter.`}
      </p>
      <button className="jp-mod-styled" onClick={props.onClear}>
        Clear the filter
      </button>
    </div>
  );
}

export function LoadingNotice({ what }: { what: string }): JSX.Element {
  return (
    <div className="nbtrail-Notice" role="status">
      <p>Loading {what}…</p>
    </div>
  );
}

/** What went wrong, in the server's words, and the way to try once more. */
export function ProblemNotice(props: {
  title: string;
  problem: Problem;
  onRetry(): void;
}): JSX.Element {
  return (
    <div className="nbtrail-Notice" role="alert">
      <p className="nbtrail-Notice-title">{props.title}</p>
      <p className="nbtrail-Notice-message">{props.problem.message}</p>
      <button className="jp-mod-styled" onClick={props.onRetry}>
        Try again
      </button>
    </div>
  );
}
