import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { Poll } from '@lumino/polling';
import * as React from 'react';
import { Pace } from '../model/pace';
import type { TrackingModel } from '../model/tracking-model';
import type { IRuns } from '../tokens';
import type { IRunsMoved } from '../../shared/wire';
import { TrackingItem } from '../views/tracking-item';

const LOOK_MS = 1000;
const POLL_MS = 30_000;

/** The item of a notebook's toolbar that says which run goes on. */
export class TrackingWidget extends ReactWidget {
  constructor(
    private readonly _model: TrackingModel,
    private readonly _runs: IRuns,
    private readonly _onOpen: () => void
  ) {
    super();
    this.addClass('nbtrail-TrackingPlace');
    this._look = new Pace(() => _model.load(), LOOK_MS);
    _runs.moved.connect(this._onMoved, this);
    _runs.cellRan.connect(this._onCellRan, this);
    this._poll = new Poll({
      factory: () => _model.load(),
      frequency: { interval: POLL_MS, backoff: false },
      standby: () => !this.isVisible
    });
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._runs.moved.disconnect(this._onMoved, this);
      this._runs.cellRan.disconnect(this._onCellRan, this);
      this._poll.dispose();
      this._look.dispose();
      super.dispose();
    }
  }

  protected override render(): JSX.Element {
    return (
      <UseSignal signal={this._model.changed}>
        {() =>
          this._model.run && (
            <TrackingItem name={this._model.run.name} onOpen={this._onOpen} />
          )
        }
      </UseSignal>
    );
  }

  private _onMoved(_: unknown, moved: IRunsMoved): void {
    if (this.isVisible && this._model.concerns(moved)) {
      this._look.ask();
    }
  }

  private _onCellRan(): void {
    if (this.isVisible) {
      this._look.ask();
    }
  }

  private readonly _look: Pace;
  private readonly _poll: Poll;
}
