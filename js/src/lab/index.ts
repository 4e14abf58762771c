import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  IThemeManager,
  IToolbarWidgetRegistry
} from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import {
  INotebookTracker,
  NotebookActions,
  type NotebookPanel
} from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { IStateDB } from '@jupyterlab/statedb';
import { Signal } from '@lumino/signaling';
import { RunsApi } from './api/runs-api';
import { serverTransport } from './api/transport';
import { ActivePath } from './jupyter/active-path';
import { CARD_RANK, cardFactory, notebookPaths } from './jupyter/card-renderer';
import { KeptChoices } from './jupyter/kept-choices';
import { movedRuns } from './jupyter/moved-runs';
import { addRunCommands, NO_ARGS } from './jupyter/run-commands';
import { RunsWidget } from './jupyter/runs-widget';
import { addSelectionCommands } from './jupyter/selection-commands';
import { TrackingWidget } from './jupyter/tracking-widget';
import { Pace } from './model/pace';
import { RunsModel } from './model/runs-model';
import { TrackingModel } from './model/tracking-model';
import { CommandIDs, IRuns } from './tokens';

export { IRuns };

const REFRESH_MS = 1000;
const PALETTE = [
  CommandIDs.show,
  CommandIDs.refresh,
  CommandIDs.compare,
  CommandIDs.insert,
  CommandIDs.exportRuns,
  CommandIDs.clearSelection
];

const runsPlugin: JupyterFrontEndPlugin<IRuns> = {
  id: 'nbtrail:runs',
  description: 'The runs of a project, and the news about them.',
  autoStart: true,
  provides: IRuns,
  optional: [INotebookTracker, IDefaultFileBrowser, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker | null,
    browser: IDefaultFileBrowser | null,
    state: IStateDB | null
  ): IRuns => {
    const { contents, events, serverSettings } = app.serviceManager;
    const api = new RunsApi(serverTransport(serverSettings));
    const model = new RunsModel(api, state && new KeptChoices(state));
    const path = new ActivePath(contents, notebooks, browser);
    model.setPath(path.value);
    path.changed.connect((_, value) => model.setPath(value));
    const runs: IRuns = {
      api,
      model,
      moved: movedRuns(events),
      cellRan: cellRuns()
    };
    const refresh = new Pace(() => model.load(), REFRESH_MS);
    followNews(runs, () => refresh.ask());
    return runs;
  }
};

const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'nbtrail:panel',
  description:
    'The sidebar with the runs, its commands and the tabs that they open.',
  autoStart: true,
  requires: [IRuns, IDocumentManager, IRenderMimeRegistry],
  optional: [
    ICommandPalette,
    ILabShell,
    ILayoutRestorer,
    INotebookTracker,
    IThemeManager
  ],
  activate: (
    app: JupyterFrontEnd,
    runs: IRuns,
    documents: IDocumentManager,
    rendermime: IRenderMimeRegistry,
    palette: ICommandPalette | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    notebooks: INotebookTracker | null,
    themes: IThemeManager | null
  ): void => {
    const front = { app, documents, rendermime, notebooks, labShell };
    addSelectionCommands({ ...front, restorer, themes }, runs);
    addRunCommands(app, runs, documents);
    const panel = new RunsWidget(runs.model, app.commands);
    app.commands.addCommand(CommandIDs.show, {
      label: 'Show Runs',
      describedBy: { args: NO_ARGS },
      execute: () => app.shell.activateById(panel.id)
    });
    app.shell.add(panel, 'left', { rank: 300, type: 'nbtrail' });
    restorer?.add(panel, panel.id);
    PALETTE.forEach(command =>
      palette?.addItem({ command, category: 'nbtrail' })
    );
  }
};

const trackingPlugin: JupyterFrontEndPlugin<void> = {
  id: 'nbtrail:tracking',
  description: 'Says in the toolbar of a notebook which run goes on.',
  autoStart: true,
  requires: [IRuns],
  optional: [IToolbarWidgetRegistry],
  activate: (
    app: JupyterFrontEnd,
    runs: IRuns,
    toolbars: IToolbarWidgetRegistry | null
  ): void => {
    const { contents } = app.serviceManager;
    toolbars?.addFactory<NotebookPanel>('Notebook', 'nbtrail', panel => {
      const path = (): string => contents.localPath(panel.context.path);
      const model = new TrackingModel(runs.api, path);
      return new TrackingWidget(model, runs, () => {
        void app.commands.execute(CommandIDs.show);
      });
    });
  }
};

const cardPlugin: JupyterFrontEndPlugin<void> = {
  id: 'nbtrail:card',
  description: 'Draws the cards of runs in notebooks, and corrects them.',
  autoStart: true,
  requires: [IRuns, IRenderMimeRegistry],
  optional: [INotebookTracker],
  activate: (
    app: JupyterFrontEnd,
    runs: IRuns,
    rendermime: IRenderMimeRegistry,
    notebooks: INotebookTracker | null
  ): void => {
    const { contents } = app.serviceManager;
    const pathOf = notebookPaths(
      notebooks,
      contents,
      () => runs.model.state.path
    );
    rendermime.addFactory(cardFactory(runs.api, pathOf), CARD_RANK);
  }
};

function cellRuns(): Signal<unknown, void> {
  const ran = new Signal<unknown, void>(NotebookActions);
  NotebookActions.executionScheduled.connect(() => ran.emit());
  NotebookActions.executed.connect(() => ran.emit());
  return ran;
}

/**
 * Refresh the list when its runs move, and when a project came or went (then the news names no run). A project
 * without a store has no news yet, so there each cell counts.
 */
function followNews(
  { model, moved, cellRan }: IRuns,
  refresh: () => void
): void {
  const project = () => model.state.summary?.project;
  moved.connect((_, { project: id, runs }) => {
    if (id === project()?.id || runs.length === 0) {
      refresh();
    }
  });
  cellRan.connect(() => {
    if (!project()?.exists) {
      refresh();
    }
  });
}

export default [runsPlugin, panelPlugin, trackingPlugin, cardPlugin];
