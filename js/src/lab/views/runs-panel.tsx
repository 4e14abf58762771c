import * as React from 'react';
import { ellipsesIcon, refreshIcon } from '@jupyterlab/ui-components';
import type { IRunsActions, IRunsState, ISummary } from '../model/runs-state';
import { formatCount } from '../../shared/numbers';
import type { IRunRow } from '../../shared/wire';
import { FilterBox } from './filter-box';
import { ListOptions } from './list-options';
import { LoadingNotice, NoMatch, NoRunsYet, ProblemNotice } from './notices';
import { RunTree } from './run-tree';

export interface IRunsPanelProps {
  state: IRunsState;
  actions: IRunsActions;
  onOpenRun(row: IRunRow): void;
  onMenu(x: number, y: number): void;
  onCompare(): void;
  onInsert(): void;
  onExport(): void;
}

/** The sidebar. */
export function RunsPanel(props: IRunsPanelProps): JSX.Element {
  const { state, actions } = props;
  const { summary } = state;
  const hasRuns = summary !== null && summary.total > 0;
  return (
    <>
      <TitleBar loading={state.loading} {...props} />
      {summary && <ProjectLine summary={summary} actions={actions} />}
      {summary && hasRuns && (
        <>
          <FilterBox
            filter={state.choices.filter}
            names={summary.names}
            problem={state.filterProblem}
            onFilter={filter => actions.choose({ filter })}
          />
          <ListOptions
            summary={summary}
            choices={state.choices}
            params={state.params}
            onChoose={actions.choose.bind(actions)}
          />
        </>
      )}
      <Body {...props} />
      {state.selected.length > 0 && !state.problem && <Footer {...props} />}
    </>
  );
}

function TitleBar(
  props: { loading: boolean } & Pick<IRunsPanelProps, 'actions' | 'onMenu'>
): JSX.Element {
  return (
    <div className="nbtrail-TitleBar">
      <h2>Runs</h2>
      <button
        className="nbtrail-IconButton"
        title="Refresh the runs"
        aria-label="Refresh the runs"
        aria-busy={props.loading}
        onClick={() => props.actions.refresh()}
      >
        <refreshIcon.react tag="span" width="16px" height="16px" />
      </button>
      <button
        className="nbtrail-IconButton"
        title="More"
        aria-label="More"
        aria-haspopup="menu"
        onClick={event => {
          const { left, bottom } = event.currentTarget.getBoundingClientRect();
          props.onMenu(left, bottom);
        }}
      >
        <ellipsesIcon.react tag="span" width="16px" height="16px" />
      </button>
    </div>
  );
}

function ProjectLine(props: {
  summary: ISummary;
  actions: IRunsActions;
}): JSX.Element {
  const { project, total, running } = props.summary;
  return (
    <div className="nbtrail-ProjectLine">
      <strong title={project.root}>{project.name}</strong>
      {` · ${formatCount(total)} ${total === 1 ? 'run' : 'runs'}`}
      {running > 0 && (
        <>
          {' · '}
          <button
            className="nbtrail-Link"
            title="Show only the runs that go on"
            onClick={() => props.actions.choose({ filter: 'running' })}
          >
            {running} running
          </button>
        </>
      )}
    </div>
  );
}

function Body(props: IRunsPanelProps): JSX.Element {
  const { state, actions } = props;
  const { summary, problem } = state;
  if (problem) {
    return (
      <ProblemNotice
        title="The runs cannot be shown."
        problem={problem}
        onRetry={() => actions.refresh()}
      />
    );
  }
  if (!summary) {
    return <LoadingNotice what="runs" />;
  }
  if (summary.total === 0) {
    return <NoRunsYet />;
  }
  if (summary.matched === 0 && !state.loading) {
    const onClear = (): void => actions.choose({ filter: '' });
    return <NoMatch total={summary.total} onClear={onClear} />;
  }
  return (
    <RunTree
      state={state}
      onToggleRun={row => actions.toggleRun(row)}
      onToggleSection={id => actions.toggleSection(id)}
      onOpenRun={props.onOpenRun}
      onWindow={(top, bottom) => actions.showWindow(top, bottom)}
    />
  );
}

function Footer(props: IRunsPanelProps): JSX.Element {
  const count = props.state.selected.length;
  const needsTwo = count < 2 ? 'Select one more run to compare' : undefined;
  return (
    <div className="nbtrail-Footer" role="group" aria-label="Selected runs">
      <span className="nbtrail-Footer-count">
        {formatCount(count)} selected
      </span>
      <button
        className="nbtrail-Link nbtrail-Footer-clear"
        aria-label="Clear the selection"
        title="Clear the selection"
        onClick={() => props.actions.clearSelection()}
      >
        ×
      </button>
      <button
        className="nbtrail-Button nbtrail-mod-primary"
        disabled={count < 2}
        title={needsTwo}
        onClick={props.onCompare}
      >
        Compare
      </button>
      <button
        className="nbtrail-Button"
        title="Put `%track compare …` below the active cell and run it"
        onClick={props.onInsert}
      >
        Insert
      </button>
      <button
        className="nbtrail-Button"
        title="Write the comparison as a notebook and open it"
        onClick={props.onExport}
      >
        Export…
      </button>
    </div>
  );
}
