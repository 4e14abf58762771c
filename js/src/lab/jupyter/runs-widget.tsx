import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import { Poll } from '@lumino/polling';
import { Menu } from '@lumino/widgets';
import * as React from 'react';
import type { RunsModel } from '../model/runs-model';
import { CommandIDs } from '../tokens';
import { RunsPanel } from '../views/runs-panel';
import { runsIcon } from './icons';

const POLL_MS = 30_000;
const MENU = [
  CommandIDs.compare,
  CommandIDs.insert,
  CommandIDs.exportRuns,
  CommandIDs.clearSelection,
  CommandIDs.refresh
];

/** The sidebar as a widget: it looks at the runs only while it can be seen. */
export class RunsWidget extends ReactWidget {
  constructor(
    private readonly _model: RunsModel,
    private readonly _commands: CommandRegistry
  ) {
    super();
    this.id = 'nbtrail-runs';
    this.addClass('nbtrail-RunsPanel');
    this.title.icon = runsIcon;
    this.title.caption = 'Runs';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'Runs');
    this._poll = new Poll({
      auto: false,
      factory: () => _model.load(),
      frequency: { interval: POLL_MS, backoff: false },
      standby: () => !this.isVisible
    });
  }

  override dispose(): void {
    this._poll.dispose();
    super.dispose();
  }

  protected override onAfterShow(msg: Message): void {
    this._model.setActive(true);
    void this._poll.schedule({ interval: POLL_MS, phase: 'started' });
  }

  protected override onBeforeHide(msg: Message): void {
    this._model.setActive(false);
    void this._poll.stop();
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    if (this.isVisible) {
      this.onAfterShow(msg);
    }
  }

  protected override onActivateRequest(msg: Message): void {
    this.node.querySelector<HTMLElement>('.nbtrail-Filter-input')?.focus();
  }

  protected override render(): JSX.Element {
    const run = (id: string, args = {}) =>
      void this._commands.execute(id, args);
    return (
      <UseSignal signal={this._model.changed}>
        {() => (
          <RunsPanel
            state={this._model.state}
            actions={this._model}
            onOpenRun={({ id }) => run(CommandIDs.openRun, { runId: id })}
            onMenu={(x, y) => this._openMenu(x, y)}
            onCompare={() => run(CommandIDs.compare)}
            onInsert={() => run(CommandIDs.insert)}
            onExport={() => run(CommandIDs.exportRuns)}
          />
        )}
      </UseSignal>
    );
  }

  private _openMenu(x: number, y: number): void {
    const menu = new Menu({ commands: this._commands });
    MENU.forEach(command => menu.addItem({ command }));
    menu.aboutToClose.connect(() =>
      requestAnimationFrame(() => menu.dispose())
    );
    menu.open(x, y);
  }

  private readonly _poll: Poll;
}
