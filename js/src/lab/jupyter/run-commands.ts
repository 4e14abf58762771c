import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, InputDialog, Notification } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import { NotebookPanel } from '@jupyterlab/notebook';
import { Problem } from '../api/problem';
import { tagChanges } from '../model/insertion';
import { CommandIDs, type IRuns } from '../tokens';
import type { IRunEdit, IRunRow } from '../../shared/wire';
import { tellProblems } from './problems';

const UNDO_MS = 8000;

/** What commands on one run take: nothing from a menu, an id from elsewhere. */
export const RUN_ARGS = {
  type: 'object',
  properties: {
    runId: { type: 'string', description: 'The id of a run' },
    path: { type: 'string', description: 'A notebook or folder of its project' }
  }
};
export const NO_ARGS = { type: 'object', properties: {} };

/** The commands that act on one run: the one whose menu is open, or the one named in `runId`. */
export function addRunCommands(
  app: JupyterFrontEnd,
  runs: IRuns,
  documents: IDocumentManager
): void {
  const { model } = runs;
  const find = (args: { runId?: unknown }): IRunRow | undefined => {
    const clicked = app.contextMenuHitTest(node => 'runId' in node.dataset);
    const id = args.runId ?? clicked?.dataset.runId;
    return typeof id === 'string' ? model.find(id) : undefined;
  };
  const add = (
    id: string,
    label: string | ((row: IRunRow | undefined) => string),
    act: (row: IRunRow) => Promise<unknown>
  ): void => {
    app.commands.addCommand(id, {
      label: args => (typeof label === 'string' ? label : label(find(args))),
      describedBy: { args: RUN_ARGS },
      isVisible: args => find(args) !== undefined,
      execute: args => {
        const row = find(args);
        return row && tellProblems(() => act(row));
      }
    });
  };
  const edit = (row: IRunRow, change: IRunEdit): Promise<IRunRow> =>
    model.edit(row.id, change);

  add(CommandIDs.rename, 'Rename Run…', async row => {
    const name = await askText('Rename run', 'Name', row.name);
    return name && name !== row.name && edit(row, { name });
  });
  add(CommandIDs.tag, 'Edit Tags…', async row => {
    const before = row.tags.join(', ');
    const line = await askText(
      `Tags of ${row.name}`,
      'Separated by commas',
      before
    );
    return (
      line !== null && line !== before && edit(row, tagChanges(row.tags, line))
    );
  });
  add(CommandIDs.note, 'Edit Note…', async row => {
    const note = await askText(`Note on ${row.name}`, 'Note', row.note);
    return note !== null && note !== row.note && edit(row, { note });
  });
  add(
    CommandIDs.star,
    row => (row?.starred ? 'Remove Star' : 'Star Run'),
    row => edit(row, { starred: !row.starred })
  );
  add(
    CommandIDs.baseline,
    row => (row?.baseline ? 'No Longer Baseline' : 'Set as Baseline'),
    row => edit(row, { baseline: !row.baseline })
  );
  add(CommandIDs.copyId, 'Copy Run Id', async row =>
    Clipboard.copyToSystem(row.id)
  );
  add(CommandIDs.compareWithBaseline, 'Compare with Baseline', row =>
    compareWithBaseline(app, runs, row)
  );
  add(CommandIDs.openNotebook, 'Open Its Notebook', row =>
    openNotebookOf(runs, documents, row)
  );
  add(CommandIDs.trash, 'Move to Trash', async row => {
    await edit(row, { trashed: true });
    Notification.info(`${row.name} is in the trash.`, {
      autoClose: UNDO_MS,
      actions: [
        {
          label: 'Undo',
          callback: () => void tellProblems(() => edit(row, { trashed: false }))
        }
      ]
    });
  });
}

async function compareWithBaseline(
  app: JupyterFrontEnd,
  { model }: IRuns,
  row: IRunRow
): Promise<unknown> {
  const baseline = model.state.summary?.baseline;
  if (!baseline || baseline.id === row.id) {
    throw new Problem(
      'There is no other run to be the baseline. Set one with "Set as Baseline" in the menu of a run.',
      'NoBaseline',
      0
    );
  }
  const { path } = model.state;
  const ids = [row.id, baseline.id];
  return app.commands.execute(CommandIDs.compare, { path, runs: ids });
}

/** Open the notebook of a run at the last cell of it. */
async function openNotebookOf(
  { api, model }: IRuns,
  documents: IDocumentManager,
  row: IRunRow
): Promise<void> {
  const folder = model.state.summary?.project.path ?? null;
  if (row.notebook === null || folder === null) {
    throw new Problem(
      `The notebook of ${row.name} is not known, or not below the server's folder.`,
      'NoNotebook',
      0
    );
  }
  const path = folder ? `${folder}/${row.notebook}` : row.notebook;
  const panel = documents.openOrReveal(path);
  const { executions } = await api.details(model.state.path, row.id);
  const cellIds = executions.map(execution => execution.cell_id).reverse();
  if (panel instanceof NotebookPanel) {
    await panel.revealed;
    const ids = panel.content.widgets.map(cell => cell.model.id);
    const place = cellIds
      .map(id => (id === null ? -1 : ids.indexOf(id)))
      .find(index => index >= 0);
    if (place !== undefined) {
      panel.content.activeCellIndex = place;
      await panel.content.scrollToItem(place);
    }
  }
}

async function askText(
  title: string,
  label: string,
  text: string
): Promise<string | null> {
  const answer = await InputDialog.getText({ title, label, text });
  return answer.button.accept ? (answer.value ?? '').trim() : null;
}
