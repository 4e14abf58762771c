import * as React from 'react';
import { formatCount } from '../../shared/numbers';
import type { IDataset } from '../../shared/wire';
import { describeColumns, describeDataset } from '../model/dataset-text';

const DIGEST = 8;

/** The data that a run read and wrote; the columns of a frame unfold below it. */
export function Datasets(props: {
  datasets: readonly IDataset[];
}): JSX.Element | null {
  if (props.datasets.length === 0) {
    return null;
  }
  return (
    <section>
      <h3>Data</h3>
      <div className="nbtrail-Scroll">
        <table className="nbtrail-Table">
          <thead>
            <Heads
              names={['name', 'kind', 'shape', 'size', 'role', 'digest']}
            />
          </thead>
          <tbody>
            {props.datasets.map(dataset => (
              <Dataset
                key={`${dataset.role} ${dataset.name} ${dataset.digest}`}
                dataset={dataset}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Heads(props: { names: readonly string[] }): JSX.Element {
  return (
    <tr>
      {props.names.map(name => (
        <th key={name} scope="col">
          {name}
        </th>
      ))}
    </tr>
  );
}

function Dataset({ dataset }: { dataset: IDataset }): JSX.Element {
  const [isOpen, setOpen] = React.useState(false);
  const cells = describeDataset(dataset);
  return (
    <>
      <tr>
        <td>
          {dataset.columns.length > 0 ? (
            <button
              className="nbtrail-Link nbtrail-Dataset-name"
              aria-label={dataset.name}
              aria-expanded={isOpen}
              title={isOpen ? 'Hide its columns' : 'Show its columns'}
              onClick={() => setOpen(!isOpen)}
            >
              {dataset.name}
            </button>
          ) : (
            <span className="nbtrail-Dataset-name">{dataset.name}</span>
          )}
        </td>
        {cells.map((cell, place) => (
          <td key={place}>{cell}</td>
        ))}
        <td title={dataset.digest}>
          {dataset.digest.slice(0, DIGEST)}…{dataset.sampled && <Sampled />}
        </td>
      </tr>
      {isOpen && (
        <tr className="nbtrail-Dataset-columns">
          <td colSpan={cells.length + 2}>
            <Columns dataset={dataset} />
          </td>
        </tr>
      )}
    </>
  );
}

function Sampled(): JSX.Element {
  return (
    <span
      className="nbtrail-TagPill nbtrail-Dataset-sampled"
      title="The digest and the columns' figures come from a part of it"
    >
      sampled
    </span>
  );
}

function Columns({ dataset }: { dataset: IDataset }): JSX.Element {
  const { heads, rows } = describeColumns(dataset.columns);
  const left = dataset.width - dataset.columns.length;
  return (
    <>
      <table className="nbtrail-Table">
        <thead>
          <Heads names={heads} />
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row[0]}>
              {row.map((cell, place) => (
                <td key={place}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && <p>and {formatCount(left)} more columns</p>}
    </>
  );
}
