import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import type { ISignal } from '@lumino/signaling';
import * as React from 'react';
import type { Loaded } from '../model/loaded';
import { Pace } from '../model/pace';
import type { IRunDetails, IRunsMoved } from '../../shared/wire';
import { DetailsView } from '../views/details-view';
import { runsIcon } from './icons';

const RELOAD_MS = 2000;

/** One run as a tab; it follows its run while it can be seen. */
export class DetailsWidget extends ReactWidget {
  constructor(
    readonly runId: string,
    readonly path: string,
    name: string,
    private readonly _details: Loaded<IRunDetails>,
    private readonly _moved: ISignal<unknown, IRunsMoved>
  ) {
    super();
    this.id = `nbtrail-run-${runId}`;
    this.addClass('nbtrail-DetailsPanel');
    this.node.tabIndex = -1;
    this.title.icon = runsIcon;
    this.title.closable = true;
    this.title.label = name;
    this._reload = new Pace(() => _details.load(), RELOAD_MS);
    _moved.connect(this._onMoved, this);
    _details.changed.connect(this._onChanged, this);
    void _details.load();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._moved.disconnect(this._onMoved, this);
      this._reload.dispose();
      super.dispose();
    }
  }

  protected override onActivateRequest(msg: Message): void {
    this.node.focus();
  }

  protected override onCloseRequest(msg: Message): void {
    super.onCloseRequest(msg);
    this.dispose();
  }

  protected override render(): JSX.Element {
    return (
      <UseSignal signal={this._details.changed}>
        {() => (
          <DetailsView
            details={this._details.value}
            problem={this._details.problem}
            onRetry={() => void this._details.load()}
          />
        )}
      </UseSignal>
    );
  }

  private _onChanged(): void {
    this.title.label = this._details.value?.run.name ?? this.title.label;
  }

  private _onMoved(_: unknown, moved: IRunsMoved): void {
    if (this.isVisible && moved.runs.includes(this.runId)) {
      this._reload.ask();
    }
  }

  private readonly _reload: Pace;
}
