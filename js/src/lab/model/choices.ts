import type { GroupBy } from '../api/runs-api';
import { fieldOf } from './filter-text';

/** What a person has chosen to see of the runs. */
export interface IChoices {
  filter: string;
  /** A field of the filter language, `-` before it for descending. */
  sort: string;
  groupBy: GroupBy | null;
  /** The metric shown in the rows; null leaves it to the project. */
  metric: string | null;
  /** The params shown in the rows; null shows those that vary first. */
  params: readonly string[] | null;
}

/** Where choices wait for the next visit, one set a project. The filter is not kept: it would hide new runs. */
export interface IChoicesStore {
  load(projectId: string): Promise<Partial<IChoices>>;
  save(projectId: string, choices: Omit<IChoices, 'filter'>): Promise<void>;
}

export const FIRST_CHOICES: IChoices = {
  filter: '',
  sort: '-started',
  groupBy: 'notebook',
  metric: null,
  params: null
};

export interface ISortField {
  field: string;
  label: string;
}

/** The field and the direction that a sort text says. */
export function readSort(sort: string): { field: string; descending: boolean } {
  const descending = sort.startsWith('-');
  return { field: descending ? sort.slice(1) : sort, descending };
}

/** The sort text of a field and a direction. */
export function writeSort(field: string, descending: boolean): string {
  return descending ? `-${field}` : field;
}

/** Everything that the runs of a project can be sorted by. */
export function sortFields(
  metrics: readonly string[],
  params: readonly string[]
): ISortField[] {
  return [
    { field: 'started', label: 'started' },
    { field: 'name', label: 'name' },
    { field: 'status', label: 'status' },
    { field: 'duration', label: 'duration' },
    { field: 'notebook', label: 'notebook' },
    ...metrics.map(name => ({ field: fieldOf('metrics', name), label: name })),
    ...params.map(name => ({ field: fieldOf('params', name), label: name }))
  ];
}
