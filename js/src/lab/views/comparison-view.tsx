import * as React from 'react';
import type { IComparisonState } from '../model/comparison-model';
import { highlightRuns, type Spec } from '../model/chart-spec';
import type { IComparedRun, IComparison } from '../../shared/wire';
import { CodeDiff } from './code-diff';
import { DifferenceTable } from './difference-table';
import { LoadingNotice, ProblemNotice } from './notices';

const SETTLING_MS = 150;

/** Puts a Vega-Lite chart into a node; gives a function that takes it away again. */
export type DrawChart = (node: HTMLElement, spec: Spec) => () => void;

export interface IComparisonViewProps {
  state: IComparisonState;
  /** Changes with the theme, so that the chart is drawn again. */
  theme: string | null;
  drawChart: DrawChart;
  onMetric(metric: string): void;
  onBaseline(id: string): void;
  onExport(): void;
  onRetry(): void;
}

/** Runs beside each other: what differs, their curves, their code. */
export function ComparisonView(props: IComparisonViewProps): JSX.Element {
  const { comparison, problem } = props.state;
  const [highlighted, setHighlighted] = React.useState<readonly string[]>([]);
  if (!comparison) {
    return problem ? (
      <ProblemNotice
        title="These runs cannot be compared."
        problem={problem}
        onRetry={props.onRetry}
      />
    ) : (
      <LoadingNotice what="the comparison" />
    );
  }
  const { differs, runs } = comparison;
  return (
    <div className="nbtrail-Comparison" aria-busy={props.state.loading}>
      <Toolbar {...props} comparison={comparison} />
      <Legend
        runs={runs}
        highlighted={highlighted}
        onHighlight={setHighlighted}
      />
      {problem && (
        <p className="nbtrail-Comparison-problem" role="alert">
          {problem.message}
        </p>
      )}
      <Chart
        spec={highlightRuns(comparison.spec, highlighted)}
        theme={props.theme}
        drawChart={props.drawChart}
      />
      <div className="nbtrail-Comparison-below">
        <section>
          <h3>
            What differs{' '}
            <span className="nbtrail-Comparison-summary">
              ({differs.summary})
            </span>
          </h3>
          <DifferenceTable runs={runs} rows={differs.rows} />
        </section>
        <div className="nbtrail-Comparison-code">
          {differs.code.map(diff => (
            <CodeDiff key={diff.title} diff={diff} />
          ))}
        </div>
      </div>
    </div>
  );
}

function Toolbar(
  props: IComparisonViewProps & { comparison: IComparison }
): JSX.Element {
  const { state, comparison } = props;
  return (
    <div className="nbtrail-Comparison-toolbar">
      <label>
        metric{' '}
        <select
          value={state.metric ?? ''}
          disabled={comparison.metrics.length === 0}
          onChange={event => props.onMetric(event.target.value)}
        >
          {comparison.metrics.map(name => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        baseline{' '}
        <select
          value={state.baseline ?? ''}
          onChange={event => props.onBaseline(event.target.value)}
        >
          {state.baseline === null && <option value="">none</option>}
          {comparison.runs.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <span className="nbtrail-Comparison-spacer" />
      <button
        className="nbtrail-Button nbtrail-mod-primary"
        onClick={props.onExport}
      >
        Export notebook
      </button>
    </div>
  );
}

function Legend(props: {
  runs: readonly IComparedRun[];
  highlighted: readonly string[];
  onHighlight(names: readonly string[]): void;
}): JSX.Element {
  const { runs, highlighted } = props;
  const toggle = (name: string): void =>
    props.onHighlight(
      highlighted.includes(name)
        ? highlighted.filter(each => each !== name)
        : [...highlighted, name]
    );
  return (
    <ul className="nbtrail-Legend" aria-label="Compared runs">
      {runs.map(run => (
        <li key={run.id}>
          <button
            aria-pressed={highlighted.includes(run.name)}
            title="Highlight this run"
            onClick={() => toggle(run.name)}
          >
            <span
              className="nbtrail-Legend-swatch"
              style={{ backgroundColor: run.color }}
            />
            <strong>{run.name}</strong> {describeRun(run)}
          </button>
        </li>
      ))}
    </ul>
  );
}

function describeRun(run: IComparedRun): string {
  const words = run.baseline ? ['baseline'] : [];
  return [...(run.status === 'finished' ? [] : [run.status]), ...words].join(
    ', '
  );
}

function Chart(
  props: Pick<IComparisonViewProps, 'theme' | 'drawChart'> & { spec: Spec }
): JSX.Element {
  const { drawChart, theme } = props;
  const node = React.useRef<HTMLDivElement>(null);
  const widthPx = useWidth(node);
  const spec = JSON.stringify(props.spec);
  React.useEffect(
    () =>
      widthPx > 0 ? drawChart(node.current!, JSON.parse(spec)) : undefined,
    [spec, theme, drawChart, widthPx]
  );
  return <div className="nbtrail-Chart nbtrail-Scroll" ref={node} />;
}

/** The width of an element once it has settled. */
function useWidth(node: React.RefObject<HTMLElement>): number {
  const [widthPx, setWidthPx] = React.useState(0);
  React.useEffect(() => {
    let settling: ReturnType<typeof setTimeout>;
    const measure = (): void => setWidthPx(node.current?.clientWidth ?? 0);
    const observer = new ResizeObserver(() => {
      clearTimeout(settling);
      settling = setTimeout(measure, SETTLING_MS);
    });
    observer.observe(node.current!);
    measure();
    return () => {
      clearTimeout(settling);
      observer.disconnect();
    };
  }, [node]);
  return widthPx;
}
