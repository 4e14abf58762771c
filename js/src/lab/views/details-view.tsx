import * as React from 'react';
import type { Problem } from '../api/problem';
import { formatBytes, formatJson, formatNumber } from '../../shared/numbers';
import { formatMoment, formatTook } from '../../shared/times';
import type {
  IEnvironment,
  IExecution,
  IMetricDetails,
  IRunDetails,
  IRunRow
} from '../../shared/wire';
import { machineText } from '../model/machine-text';
import { Datasets } from './datasets';
import { Elapsed } from './elapsed';
import { LoadingNotice, ProblemNotice } from './notices';
import { describeOrigin, ValueName } from './provenance';
import { TagPills } from './run-row';
import { StatusDot } from './status-dot';

export interface IDetailsViewProps {
  details: IRunDetails | null;
  problem: Problem | null;
  onRetry(): void;
}

/** One run, whole. */
export function DetailsView(props: IDetailsViewProps): JSX.Element {
  const { details, problem } = props;
  if (!details) {
    return problem ? (
      <ProblemNotice
        title="This run cannot be shown."
        problem={problem}
        onRetry={props.onRetry}
      />
    ) : (
      <LoadingNotice what="the run" />
    );
  }
  return (
    <div className="nbtrail-Details">
      <Heading run={details.run} />
      <Params details={details} />
      <Metrics details={details} />
      <Cells executions={details.executions} />
      <Datasets datasets={details.datasets} />
      {details.environment && <Environment of={details.environment} />}
      <Artifacts details={details} />
      <System details={details} />
    </div>
  );
}

function Heading({ run }: { run: IRunRow }): JSX.Element {
  return (
    <header>
      <h2>
        <StatusDot status={run.status} /> {run.starred && '★ '}
        {run.name} <TagPills tags={run.tags} />
      </h2>
      <p>
        {run.status} · started {formatMoment(run.started)} ·{' '}
        {run.duration_s === null ? (
          <Elapsed since={run.started} />
        ) : (
          formatTook(run.duration_s)
        )}
        {run.notebook && ` · ${run.notebook}`}
      </p>
      {run.error && <p className="nbtrail-Details-error">{run.error}</p>}
      {run.note && <p>{run.note}</p>}
      <p className="nbtrail-Details-id">{run.id}</p>
    </header>
  );
}

/** Rows below their heads; a column in which no row says anything is left out. */
function Table(props: {
  title: string;
  heads: readonly string[];
  rows: readonly (readonly React.ReactNode[])[];
}): JSX.Element | null {
  if (props.rows.length === 0) {
    return null;
  }
  const isSaid = (_: unknown, place: number): boolean =>
    props.rows.some(row => row[place] !== '');
  return (
    <section>
      <h3>{props.title}</h3>
      <div className="nbtrail-Scroll">
        <table className="nbtrail-Table">
          <thead>
            <tr>
              {props.heads.filter(isSaid).map(head => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {props.rows.map((cells, index) => (
              <tr key={index}>
                {cells.filter(isSaid).map((cell, place) => (
                  <td key={place}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Params({ details }: { details: IRunDetails }): JSX.Element {
  const rows = details.params.map(param => [
    <ValueName key={param.key} value={param} />,
    formatJson(param.value),
    param.earlier.map(formatJson).join(', '),
    describeOrigin(param)
  ]);
  return (
    <Table
      title="Params"
      heads={['name', 'value', 'earlier', 'why']}
      rows={rows}
    />
  );
}

function Metrics({ details }: { details: IRunDetails }): JSX.Element {
  const own = details.metrics.filter(metric => metric.origin !== 'system');
  return <MetricTable title="Metrics" metrics={own} />;
}

/** What was measured of the machine while the run went on. */
function System({ details }: { details: IRunDetails }): JSX.Element {
  const metrics = details.metrics
    .filter(metric => metric.origin === 'system')
    .map(metric => ({ ...metric, key: metric.key.replace(/^system\//, '') }));
  return <MetricTable title="System" metrics={metrics} />;
}

function MetricTable(props: {
  title: string;
  metrics: readonly IMetricDetails[];
}): JSX.Element {
  const rows = props.metrics.map(metric => [
    <ValueName key={metric.key} value={metric} />,
    formatNumber(metric.last),
    formatNumber(metric.min),
    formatNumber(metric.max),
    formatNumber(metric.mean),
    metric.count,
    describeOrigin(metric)
  ]);
  return (
    <Table
      title={props.title}
      heads={['name', 'last', 'min', 'max', 'mean', 'points', 'why']}
      rows={rows}
    />
  );
}

function Cells(props: {
  executions: readonly IExecution[];
}): JSX.Element | null {
  if (props.executions.length === 0) {
    return null;
  }
  return (
    <section>
      <h3>Cells</h3>
      {props.executions.map(execution => (
        <div className="nbtrail-Cell" key={execution.id}>
          <div className="nbtrail-Cell-prompt">
            [{execution.number ?? ' '}]
            <span>
              {execution.duration_s !== null &&
                formatTook(execution.duration_s)}
              {execution.status !== 'ok' && ` ${execution.status}`}
            </span>
          </div>
          <pre className="nbtrail-Scroll">{execution.source}</pre>
          {execution.error && (
            <p className="nbtrail-Details-error">{execution.error}</p>
          )}
        </div>
      ))}
    </section>
  );
}

function Environment({ of }: { of: IEnvironment }): JSX.Element {
  const packages = Object.entries(of.packages);
  const commit = of.git_commit
    ? `${of.git_commit.slice(0, 10)}${of.git_branch ? ` on ${of.git_branch}` : ''}${of.git_dirty ? ', with uncommitted changes' : ''}`
    : 'none';
  return (
    <section>
      <h3>Environment</h3>
      <p>
        Python {of.python} · {of.platform} · git commit: {commit}
      </p>
      <p>{machineText(of.hardware)}</p>
      {of.modules.length > 0 && (
        <p>imported and in no commit: {of.modules.join(', ')}</p>
      )}
      <details>
        <summary>{packages.length} packages</summary>
        <ul className="nbtrail-Packages">
          {packages.map(([name, version]) => (
            <li key={name}>
              {name} {version}
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}

function Artifacts({ details }: { details: IRunDetails }): JSX.Element {
  const rows = details.artifacts.map(artifact => [
    artifact.path,
    formatBytes(artifact.size),
    artifact.mime,
    artifact.digest.slice(0, 12)
  ]);
  return (
    <Table
      title="Artifacts"
      heads={['path', 'size', 'type', 'digest']}
      rows={rows}
    />
  );
}
