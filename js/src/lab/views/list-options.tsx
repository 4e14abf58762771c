import * as React from 'react';
import type { GroupBy } from '../api/runs-api';
import {
  readSort,
  sortFields,
  writeSort,
  type IChoices
} from '../model/choices';
import type { ISummary } from '../model/runs-state';

/** Of the params that rows show without being asked, as many are named beside the metric. */
const PARAMS_NAMED = 2;

export interface IListOptionsProps {
  summary: ISummary;
  choices: IChoices;
  /** The params that rows show. */
  params: readonly string[];
  onChoose(changes: Partial<IChoices>): void;
}

/** How the list is sorted and grouped, and which metric and params its rows show. */
export function ListOptions(props: IListOptionsProps): JSX.Element {
  const [isOpen, setOpen] = React.useState(false);
  const panelId = React.useId();
  return (
    <div className="nbtrail-Options">
      <div className="nbtrail-Options-line">
        <SortChooser {...props} />
        <GroupChooser {...props} />
        <span>
          columns{' '}
          <button
            className="nbtrail-Options-choice"
            aria-expanded={isOpen}
            aria-controls={panelId}
            title={`Choose the metric and the params that rows show\n${props.params.join(', ')}`}
            onClick={() => setOpen(!isOpen)}
          >
            {describeColumns(props)}
          </button>
        </span>
      </div>
      {isOpen && (
        <div className="nbtrail-Columns" id={panelId}>
          <MetricChooser {...props} />
          <ParamChooser {...props} />
        </div>
      )}
    </div>
  );
}

function SortChooser(props: IListOptionsProps): JSX.Element {
  const { metrics, params } = props.summary.names;
  const { field, descending } = readSort(props.choices.sort);
  const fields = sortFields(metrics, params);
  if (!fields.some(each => each.field === field)) {
    fields.push({ field, label: field });
  }
  return (
    <span>
      sort{' '}
      <select
        className="nbtrail-Options-choice"
        aria-label="Sort by"
        value={field}
        onChange={event =>
          props.onChoose({ sort: writeSort(event.target.value, descending) })
        }
      >
        {fields.map(each => (
          <option key={each.field} value={each.field}>
            {each.label}
          </option>
        ))}
      </select>
      <button
        className="nbtrail-Options-direction"
        title={
          descending ? 'Largest or latest first' : 'Smallest or earliest first'
        }
        aria-label={descending ? 'Descending' : 'Ascending'}
        onClick={() => props.onChoose({ sort: writeSort(field, !descending) })}
      >
        {descending ? '▼' : '▲'}
      </button>
    </span>
  );
}

function GroupChooser(props: IListOptionsProps): JSX.Element {
  return (
    <span>
      group{' '}
      <select
        className="nbtrail-Options-choice"
        aria-label="Group by"
        value={props.choices.groupBy ?? ''}
        onChange={event =>
          props.onChoose({ groupBy: (event.target.value || null) as GroupBy })
        }
      >
        <option value="notebook">notebook</option>
        <option value="status">status</option>
        <option value="tag">tag</option>
        <option value="">none</option>
      </select>
    </span>
  );
}

function MetricChooser(props: IListOptionsProps): JSX.Element {
  const { summary, choices } = props;
  return (
    <label className="nbtrail-Columns-metric">
      Metric{' '}
      <select
        value={choices.metric ?? ''}
        onChange={event =>
          props.onChoose({ metric: event.target.value || null })
        }
      >
        <option value="">
          automatic
          {choices.metric === null && summary.metric
            ? ` (${summary.metric.name})`
            : ''}
        </option>
        {summary.metrics.map(name => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function ParamChooser(props: IListOptionsProps): JSX.Element {
  const { names } = props.summary;
  const chosen = props.choices.params;
  const toggle = (name: string): void => {
    const kept = chosen ?? [];
    props.onChoose({
      params: kept.includes(name)
        ? kept.filter(each => each !== name)
        : [...kept, name]
    });
  };
  return (
    <fieldset className="nbtrail-Columns-params">
      <legend>Params</legend>
      <label>
        <input
          type="checkbox"
          checked={chosen === null}
          onChange={() =>
            props.onChoose({ params: chosen === null ? [] : null })
          }
        />{' '}
        those that vary first
      </label>
      {names.params.map(name => (
        <label key={name}>
          <input
            type="checkbox"
            checked={chosen?.includes(name) ?? false}
            onChange={() => toggle(name)}
          />{' '}
          {name}
        </label>
      ))}
    </fieldset>
  );
}

function describeColumns(props: IListOptionsProps): string {
  const { choices, params, summary } = props;
  const named = choices.params ?? params.slice(0, PARAMS_NAMED);
  const shown = [summary.metric?.name, ...named].filter(Boolean).join(', ');
  return named.length < params.length ? `${shown}…` : shown || 'none';
}
