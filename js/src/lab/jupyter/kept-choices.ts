import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';
import type { IChoices, IChoicesStore } from '../model/choices';

/** Keeps what was chosen for each project in JupyterLab's own state. */
export class KeptChoices implements IChoicesStore {
  constructor(private readonly _state: IStateDB) {}

  async load(projectId: string): Promise<Partial<IChoices>> {
    const kept = await this._state.fetch(keyOf(projectId));
    return (kept ?? {}) as Partial<IChoices>;
  }

  async save(
    projectId: string,
    choices: Omit<IChoices, 'filter'>
  ): Promise<void> {
    const value = choices as unknown as ReadonlyPartialJSONValue;
    await this._state.save(keyOf(projectId), value);
  }
}

function keyOf(projectId: string): string {
  return `nbtrail:choices:${projectId}`;
}
