import {
  type ILabShell,
  type ILayoutRestorer,
  type JupyterFrontEnd
} from '@jupyterlab/application';
import { WidgetTracker, type IThemeManager } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Problem } from '../api/problem';
import { ComparisonModel } from '../model/comparison-model';
import { Loaded } from '../model/loaded';
import { CommandIDs, type IRuns } from '../tokens';
import { chartDrawer } from './chart';
import { ComparisonWidget } from './comparison-widget';
import { DetailsWidget } from './details-widget';
import { insertComparison } from './insert-cell';
import { openBeside } from './places';
import { tellProblems } from './problems';
import { NO_ARGS, RUN_ARGS } from './run-commands';

export interface IFrontEnd {
  app: JupyterFrontEnd;
  documents: IDocumentManager;
  rendermime: IRenderMimeRegistry;
  notebooks: INotebookTracker | null;
  labShell: ILabShell | null;
  restorer: ILayoutRestorer | null;
  themes: IThemeManager | null;
}

const RUNS_ARGS = {
  type: 'object',
  properties: {
    path: {
      type: 'string',
      description: 'A notebook or folder of the project'
    },
    runs: {
      type: 'array',
      items: { type: 'string' },
      description: 'Ids of runs'
    }
  }
};

interface IRunsArgs {
  path?: string;
  runs?: string[];
}

/** The commands that act on the selected runs, or on those named in `runs`, and the tabs that they open. */
export function addSelectionCommands(front: IFrontEnd, runs: IRuns): void {
  addCompare(front, runs);
  addOpenRun(front, runs);
  addInsert(front, runs);
  addExport(front, runs);
  const { commands } = front.app;
  const { model } = runs;
  commands.addCommand(CommandIDs.refresh, {
    label: 'Refresh Runs',
    describedBy: { args: NO_ARGS },
    execute: () => model.refresh()
  });
  commands.addCommand(CommandIDs.clearSelection, {
    label: 'Clear Selection of Runs',
    describedBy: { args: NO_ARGS },
    isEnabled: () => model.state.selected.length > 0,
    execute: () => model.clearSelection()
  });
  model.changed.connect(() => commands.notifyCommandChanged());
}

function addCompare(front: IFrontEnd, runs: IRuns): void {
  const { model } = runs;
  const tracker = new WidgetTracker<ComparisonWidget>({
    namespace: 'nbtrail-comparisons'
  });
  const open = comparisonOpener(front, runs);
  front.app.commands.addCommand(CommandIDs.compare, {
    label: 'Compare Selected Runs',
    describedBy: { args: RUNS_ARGS },
    isEnabled: args => Boolean(args.runs) || model.state.selected.length >= 2,
    execute: (args: IRunsArgs) => {
      const ids = args.runs ?? selectedIds(model);
      const path = args.path ?? model.state.path;
      const id = `nbtrail-comparison-${ids.join('-')}`;
      const widget =
        tracker.find(each => each.id === id) ?? open(id, path, ids);
      if (!tracker.has(widget)) {
        void tracker.add(widget);
      }
      const beside = front.notebooks?.currentWidget ?? null;
      const like = tracker.find(each => each !== widget) ?? null;
      openBeside(front.app, front.labShell, widget, beside, like);
    }
  });
  void front.restorer?.restore(tracker, {
    command: CommandIDs.compare,
    args: ({ model: { path, runs } }) => ({ path, runs: [...runs] }),
    name: widget => widget.id
  });
}

function comparisonOpener(
  { documents, themes, rendermime }: IFrontEnd,
  { api, moved }: IRuns
): (id: string, path: string, ids: readonly string[]) => ComparisonWidget {
  const drawChart = chartDrawer(rendermime);
  const onExport = (comparison: ComparisonModel): void => {
    void tellProblems(async () =>
      documents.openOrReveal(await comparison.export())
    );
  };
  return (id, path, ids) =>
    new ComparisonWidget(id, new ComparisonModel(api, path, ids), {
      moved,
      themes,
      drawChart,
      onExport
    });
}

function addOpenRun(front: IFrontEnd, { api, model, moved }: IRuns): void {
  const { app } = front;
  const tracker = new WidgetTracker<DetailsWidget>({
    namespace: 'nbtrail-runs'
  });
  const open = (id: string, path: string): DetailsWidget => {
    const name = model.find(id)?.name ?? 'Run';
    const details = new Loaded(() => api.details(path, id));
    return new DetailsWidget(id, path, name, details, moved);
  };
  app.commands.addCommand(CommandIDs.openRun, {
    label: 'Show Run',
    describedBy: { args: RUN_ARGS },
    isVisible: args => typeof args.runId === 'string' || hitRun(app) !== null,
    execute: (args: { runId?: string; path?: string }) => {
      const id = args.runId ?? hitRun(app);
      if (id) {
        const path = args.path ?? model.state.path;
        const widget =
          tracker.find(each => each.runId === id) ?? open(id, path);
        if (!tracker.has(widget)) {
          void tracker.add(widget);
        }
        openBeside(app, front.labShell, widget, null);
      }
    }
  });
  void front.restorer?.restore(tracker, {
    command: CommandIDs.openRun,
    args: ({ runId, path }) => ({ runId, path }),
    name: widget => widget.id
  });
}

function addInsert(front: IFrontEnd, { model }: IRuns): void {
  front.app.commands.addCommand(CommandIDs.insert, {
    label: 'Insert Comparison of Selected Runs',
    describedBy: { args: NO_ARGS },
    isEnabled: () => model.state.selected.length > 0,
    execute: () =>
      tellProblems(async () => {
        const panel = front.notebooks?.currentWidget;
        if (!panel) {
          throw new Problem(
            'No notebook is open. Open the one that the comparison should go into, then insert again.',
            'NoNotebook',
            0
          );
        }
        const names = model.state.selected.map(({ name }) => name);
        await insertComparison(panel, names);
      })
  });
}

function addExport(front: IFrontEnd, { api, model }: IRuns): void {
  front.app.commands.addCommand(CommandIDs.exportRuns, {
    label: 'Export Comparison of Selected Runs…',
    describedBy: { args: NO_ARGS },
    isEnabled: () => model.state.selected.length > 0,
    execute: () =>
      tellProblems(async () => {
        const { path, choices } = model.state;
        const ids = selectedIds(model);
        const written = await api.export(path, ids, choices.metric);
        front.documents.openOrReveal(written.path);
      })
  });
}

function selectedIds(model: IRuns['model']): string[] {
  return model.state.selected.map(({ id }) => id);
}

function hitRun(app: JupyterFrontEnd): string | null {
  const node = app.contextMenuHitTest(({ dataset }) => 'runId' in dataset);
  return node?.dataset.runId ?? null;
}
